import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, base64url: what somebody is handed once and shows later. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** SHA-256, hex: all that is stored of a token. It has too many bits to be guessed, so that it needs no salt. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');
