import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { MAILED_RIGHTS } from '../../core/states.ts';
import { User } from './access.ts';
import { createdAt, id } from './base.ts';
import { tenantId } from './tenant.ts';

export const userId = () => p.manyToOne(User).mapToPk().joinColumn('user_id').index(false);

/** The right to set a login's password once, as a mail carries it. */
export const MailedToken = defineEntity({
  name: 'MailedToken',
  indexes: [{ properties: ['userId'] }],
  properties: {
    id: id(),
    userId: userId(),
    right: p.enum(MAILED_RIGHTS),
    /** SHA-256 of the token, which is in the mail alone. */
    hash: p.text().unique(),
    expiresAt: p.datetime(3),
    usedAt: p.datetime(3).nullable(),
    createdAt: createdAt(),
  },
});
export type MailedToken = InferEntity<typeof MailedToken>;

/** Failed attempts at one account, from one address or (empty) from all. Counted for accounts that nobody has as well. */
export const SignInGuard = defineEntity({
  name: 'SignInGuard',
  properties: {
    /** SHA-256 of what was tried: e-mail addresses of strangers are not ours to keep. */
    account: p.text().primary(),
    address: p.text().primary(),
    failures: p.integer(),
    blockedUntil: p.datetime(3).nullable(),
    /** When this address last signed in here. */
    succeededAt: p.datetime(3).nullable(),
    changedAt: p.datetime(3),
  },
});
export type SignInGuard = InferEntity<typeof SignInGuard>;

/** What a login shows besides its password: codes of RFC 6238. */
export const SecondFactor = defineEntity({
  name: 'SecondFactor',
  properties: {
    userId: userId().primary(),
    /** Row of secret. */
    secretId: p.uuid(),
    /** Null until a code has shown that the secret arrived: nothing is asked for before. */
    confirmedAt: p.datetime(3).nullable(),
    /** Step of time of the newest code that was used: none is taken twice. */
    lastStep: p.integer().default(0),
    createdAt: createdAt(),
  },
});
export type SecondFactor = InferEntity<typeof SecondFactor>;

/** Opens once in the place of a code. */
export const RecoveryCode = defineEntity({
  name: 'RecoveryCode',
  properties: { userId: userId().primary(), hash: p.text().primary(), usedAt: p.datetime(3).nullable() },
});
export type RecoveryCode = InferEntity<typeof RecoveryCode>;

/** Lets a program do what its owner may, as far as `scopes` go. */
export const ApiKey = defineEntity({
  name: 'ApiKey',
  indexes: [{ properties: ['tenantId', 'userId', 'createdAt', 'id'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    userId: userId(),
    name: p.text(),
    /** The first characters of the secret, by which people know it. */
    prefix: p.text(),
    /** SHA-256 of the secret. */
    hash: p.text().unique(),
    scopes: p.array().$type<string[]>(),
    expiresAt: p.datetime(3).nullable(),
    /** To the minute. */
    lastUsedAt: p.datetime(3).nullable(),
    createdAt: createdAt(),
  },
});
export type ApiKey = InferEntity<typeof ApiKey>;
