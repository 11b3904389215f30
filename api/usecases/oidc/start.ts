import * as client from 'openid-client';
import { notFound } from '../../../core/app-error.ts';
import { findConnection, keepLogin } from '../../../db/queries/oidc.ts';
import { hashToken, newToken } from '../../../runtime/token.ts';
import type { Anonymous } from '../../context.ts';
import { callbackUrl, providerOf } from './provider.ts';

export const LOGIN_SECONDS = 600;

/** Sends a browser to a provider. Answers where to, and the cookie by which it is known when it comes back. */
export async function startOidc(ctx: Anonymous, connectionId: string): Promise<{ url: string; cookie: string }> {
  const connection = await findConnection(ctx.em, connectionId);
  if (!connection) throw notFound();
  const { config } = await providerOf(ctx, connection);
  const [state, nonce, cookie, verifier] = [newToken(), newToken(), newToken(), client.randomPKCECodeVerifier()];
  const expiresAt = new Date(Date.now() + LOGIN_SECONDS * 1000);
  await keepLogin(ctx.em, {
    state: hashToken(state),
    browser: hashToken(cookie),
    connectionId,
    nonce,
    verifier,
    expiresAt,
  });
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: callbackUrl(ctx, connectionId),
    scope: 'openid email profile',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  return { url: url.href, cookie };
}
