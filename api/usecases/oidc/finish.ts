import { authorizationCodeGrant, ClientError, type IDToken } from 'openid-client';
import type { OidcConnection, OidcLogin } from '../../../db/entities/index.ts';
import { findConnection, keepTicket, takeLogin, takeTicket } from '../../../db/queries/oidc.ts';
import { hasSecondFactor } from '../../../db/queries/second-factors.ts';
import { findActiveUser } from '../../../db/queries/users.ts';
import { asPlatform, asTenant } from '../../../db/tenant-scope.ts';
import { hashToken, newToken } from '../../../runtime/token.ts';
import type { Anonymous } from '../../context.ts';
import { type Challenge, challenge } from '../second-factor/challenge.ts';
import { type OpenedSession, openSession } from '../sessions/open.ts';
import { callbackUrl, failed, providerOf } from './provider.ts';
import { recogniseClaims, refused } from './recognise.ts';

const TICKET_SECONDS = 60;

export interface Return {
  connectionId: string;
  /** As the provider sent them. */
  query: Record<string, string>;
  cookie: string | undefined;
}

/** A browser comes back from a provider. Answers a code with which its page fetches the session. */
export async function receiveOidc(ctx: Anonymous, back: Return): Promise<string> {
  const login = await takeLogin(ctx.em, back.query.state ?? '');
  const mine = login?.connectionId === back.connectionId && login.browser === hashToken(back.cookie ?? '');
  const connection = mine ? await findConnection(ctx.em, back.connectionId) : null;
  if (!login || !connection)
    throw refused('This sign-in was finished before, is too old, or began in another browser.');
  const claims = await redeem(ctx, connection, login, back.query);
  const user = await asTenant(connection.tenantId, () => recogniseClaims(ctx, connection, claims));
  const code = newToken();
  await keepTicket(ctx.em, {
    hash: hashToken(code),
    userId: user.id,
    connectionId: connection.id,
    subject: claims.sub,
    sid: typeof claims.sid === 'string' ? claims.sid : null,
    browser: login.browser,
    expiresAt: new Date(Date.now() + TICKET_SECONDS * 1000),
  });
  return code;
}

async function redeem(
  ctx: Anonymous,
  connection: OidcConnection,
  { nonce, verifier }: OidcLogin,
  query: Record<string, string>,
): Promise<IDToken> {
  const { config } = await providerOf(ctx, connection);
  const url = new URL(`${callbackUrl(ctx, connection.id)}?${new URLSearchParams(query)}`);
  const checks = { expectedNonce: nonce, expectedState: query.state ?? '', pkceCodeVerifier: verifier };
  try {
    const tokens = await authorizationCodeGrant(config, url, { ...checks, idTokenExpected: true });
    return tokens.claims() as IDToken;
  } catch (error) {
    if (error instanceof TypeError && !(error instanceof ClientError)) throw failed(ctx, error);
    ctx.logger.info({ err: error, requestId: ctx.requestId }, 'a sign-in by OpenID Connect was refused');
    throw refused('The provider’s answer cannot be used.');
  }
}

/** The session for who came back, in the browser that began; or what is still to be shown. */
export async function finishOidc(
  ctx: Anonymous,
  wish: { code: string; cookie: string | undefined },
): Promise<OpenedSession | Challenge> {
  const ticket = await takeTicket(ctx.em, wish.code);
  if (!ticket || ticket.browser !== hashToken(wish.cookie ?? ''))
    throw refused('This code was used before, or is too old.');
  const { userId, connectionId, subject, sid } = ticket;
  const user = await asPlatform('a code names no tenant', () => findActiveUser(ctx.em, userId));
  if (!user) throw refused('This login is suspended.');
  return asTenant(user.tenantId, async () => {
    const oidc = { connectionId, subject, sid: sid ?? null };
    return (await hasSecondFactor(ctx.em, user.id)) ? challenge(ctx, user, oidc) : openSession(ctx, user, oidc);
  });
}
