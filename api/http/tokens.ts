import { errors, jwtVerify, SignJWT } from 'jose';
import { AppError } from '../../core/app-error.ts';

const ACCESS_SECONDS = 15 * 60;
/** How long a browser may have payloads decoded. */
export const CODEC_SECONDS = 8 * 3600;
/** How long a second factor may take to be shown. */
export const CHALLENGE_SECONDS = 5 * 60;
const REFRESH_SECONDS = 30 * 24 * 3600;

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000);

/** Access tokens whose signature was checked; beyond so many the oldest are checked again. */
const KNOWN_MAX = 10_000;

/** When a refresh token made now ends. */
export const refreshEnd = () => inSeconds(REFRESH_SECONDS);

export interface AccessClaims {
  sub: string;
  tenantId: string;
  customerId: string | null;
  roles: string[];
  /** Family of refresh tokens that it belongs to: it ends with them. */
  sid: string;
}

export interface ChallengeClaims {
  sub: string;
  /** The password that is behind it, hashed: another one makes it worthless. */
  pwd: string;
  /** Where a provider vouched for the login. */
  oidc?: ProviderSession;
}

/** A session at an OpenID provider. */
export interface ProviderSession {
  connectionId: string;
  subject: string;
  /** Where the provider names its sessions. */
  sid: string | null;
}

export interface RefreshClaims {
  sub: string;
  /** Row of refresh_token. */
  jti: string;
}

type Audience = 'access' | 'refresh' | 'codec' | 'second-factor';

/** HS256 tokens; the audience keeps a refresh token from opening anything. */
export function createTokens(secret: string, knownMax = KNOWN_MAX) {
  // Imported once: jose would do it again for every token.
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const imported = crypto.subtle.importKey('raw', new TextEncoder().encode(secret), hmac, false, ['sign', 'verify']);

  async function sign(audience: Audience, end: Date, sub: string, claims: Record<string, unknown>): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(sub)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(end)
      .sign(await imported);
  }

  async function verify(audience: Audience, token: string) {
    try {
      const { payload } = await jwtVerify(token, await imported, {
        audience,
        algorithms: ['HS256'],
        requiredClaims: ['sub', 'exp'],
      });
      return payload as { sub: string; exp?: number; jti?: string; tenantId?: string; sid?: string };
    } catch (error) {
      if (error instanceof errors.JWTExpired)
        throw new AppError('UNAUTHENTICATED', 'The token has expired: refresh it, or sign in again.');
      if (error instanceof errors.JOSEError) throw new AppError('UNAUTHENTICATED', 'The token is not valid.');
      throw error;
    }
  }

  const known = new Map<string, { claims: Pick<AccessClaims, 'sub' | 'tenantId' | 'sid'>; end: number }>();

  /** A signature is a journey to another thread, and the same token comes again and again until it ends. */
  async function verifyAccess(token: string): Promise<Pick<AccessClaims, 'sub' | 'tenantId' | 'sid'>> {
    const seen = known.get(token);
    if (seen && Date.now() < seen.end) return seen.claims;
    known.delete(token);
    const { sub, tenantId, sid, exp = 0 } = await verify('access', token);
    if (!tenantId || !sid) throw new AppError('UNAUTHENTICATED', 'The token is not valid.');
    const [oldest] = known.size < knownMax ? [] : known.keys();
    if (oldest !== undefined) known.delete(oldest);
    const claims = { sub, tenantId, sid };
    known.set(token, { claims, end: exp * 1000 });
    return claims;
  }

  return {
    access: ({ sub, ...claims }: AccessClaims) => sign('access', inSeconds(ACCESS_SECONDS), sub, claims),
    refresh: ({ sub, jti }: RefreshClaims, end: Date) => sign('refresh', end, sub, { jti }),
    codec: (sub: string) => sign('codec', inSeconds(CODEC_SECONDS), sub, {}),
    challenge: ({ sub, ...claims }: ChallengeClaims) =>
      sign('second-factor', inSeconds(CHALLENGE_SECONDS), sub, claims),
    verifyChallenge: async (token: string) => (await verify('second-factor', token)) as ChallengeClaims,
    verifyCodec: async (token: string) => (await verify('codec', token)).sub,
    verifyAccess,
    async verifyRefresh(token: string): Promise<RefreshClaims> {
      const { sub, jti } = await verify('refresh', token);
      if (!jti) throw new AppError('UNAUTHENTICATED', 'The token is not valid.');
      return { sub, jti };
    },
  };
}
export type Tokens = ReturnType<typeof createTokens>;
