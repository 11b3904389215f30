import { createRemoteJWKSet, type JWTVerifyGetKey, customFetch as keysBy } from 'jose';
import * as client from 'openid-client';
import { AppError } from '../../../core/app-error.ts';
import type { OidcConnection } from '../../../db/entities/index.ts';
import { openSecret } from '../../../db/queries/secrets.ts';
import { asPlatform } from '../../../db/tenant-scope.ts';
import { publicUrl } from '../../../runtime/config.ts';
import { guardedFetch } from '../../../runtime/guarded-fetch.ts';
import type { Anonymous } from '../../context.ts';

/** A provider's own description and keys are read again after this. */
const KEEP_MS = 10 * 60_000;
const TIMEOUT_S = 10;
/** A provider's clock may be off by this. */
export const CLOCK_SECONDS = 30;

export interface Provider {
  config: client.Configuration;
  keys: JWTVerifyGetKey;
}

const known = new Map<string, { provider: Promise<Provider>; of: string; until: number }>();

/** What a connection's provider says of itself. Throws PROVIDER_FAILED where it does not answer. */
export async function providerOf(ctx: Anonymous, connection: OidcConnection): Promise<Provider> {
  const { id, issuer, clientId, secretId } = connection;
  const of = [issuer, clientId, secretId].join(' ');
  const kept = known.get(id);
  if (kept?.of === of && kept.until > Date.now()) return kept.provider;
  const provider = discover(ctx, connection);
  known.set(id, { provider, of, until: Date.now() + KEEP_MS });
  return provider.catch((error: unknown) => {
    known.delete(id);
    throw failed(ctx, error);
  });
}

export function failed(ctx: Anonymous, error: unknown): AppError {
  ctx.logger.warn({ err: error, requestId: ctx.requestId }, 'an OpenID provider failed');
  return new AppError('PROVIDER_FAILED', 'The OpenID provider did not answer as it should.');
}

async function discover(ctx: Anonymous, { issuer, clientId, secretId }: OidcConnection): Promise<Provider> {
  const secret = await asPlatform('a connection is used before anybody is known', () =>
    openSecret(ctx.em.fork(), ctx.seal, secretId),
  );
  // Only what the operator named comes this far without TLS, in the sandbox: checkIssuer.
  const plain = issuer.startsWith('http:');
  const by = guardedFetch(ctx.config.OIDC_INTERNAL);
  const execute = plain ? [client.allowInsecureRequests] : [];
  const auth = client.ClientSecretBasic(secret);
  const metadata = { [client.clockTolerance]: CLOCK_SECONDS };
  const options = { execute, timeout: TIMEOUT_S, [client.customFetch]: by };
  const config = await client.discovery(new URL(issuer), clientId, metadata, auth, options);
  const keys = new URL(config.serverMetadata().jwks_uri ?? '');
  if (keys.protocol !== 'https:' && !plain) throw new Error(`the provider's keys are at ${keys}, without TLS`);
  return { config, keys: createRemoteJWKSet(keys, { timeoutDuration: TIMEOUT_S * 1000, [keysBy]: by }) };
}

/** Where a connection's provider sends browsers back to: each has its own, so that none can answer for another. */
export const callbackUrl = (ctx: Anonymous, connectionId: string): string =>
  `${publicUrl(ctx.config)}/api/auth/oidc/${connectionId}/callback`;
