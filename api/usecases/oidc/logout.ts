import { errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { AppError, notFound } from '../../../core/app-error.ts';
import { audit } from '../../../db/queries/audit.ts';
import { endSessionsOf, findConnection, noteLogout } from '../../../db/queries/oidc.ts';
import { asPlatform } from '../../../db/tenant-scope.ts';
import type { Anonymous } from '../../context.ts';
import { CLOCK_SECONDS, failed, providerOf } from './provider.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Older tokens are not obeyed, whenever they end. */
const OLDEST = '5m';

/** OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6. */
const LogoutToken = z
  .object({
    jti: z.string().min(1),
    iat: z.number(),
    exp: z.number(),
    sub: z.string().optional(),
    sid: z.string().optional(),
    events: z.object({ [EVENT]: z.object({}) }),
    nonce: z.never().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined);

/** A provider tells that somebody signed out there: the sessions that came from it end. */
export async function logoutOidc(ctx: Anonymous, connectionId: string, token: string): Promise<void> {
  const connection = await findConnection(ctx.em, connectionId);
  if (!connection) throw notFound();
  const { jti, exp, sub, sid } = await verified(ctx, connection, token);
  await asPlatform('a provider speaks of sessions, not of tenants', () =>
    ctx.em.transactional(async (em) => {
      const expiresAt = new Date((exp + 2 * CLOCK_SECONDS) * 1000);
      if (!(await noteLogout(em, { connectionId, jti, expiresAt }))) throw refused();
      for (const userId of await endSessionsOf(em, { connectionId, subject: sub, sid })) {
        const action = 'user.signed_out_by_provider';
        const { tenantId } = connection;
        audit(em, { tenantId, action, resourceType: 'user', resourceId: userId, metadata: { connectionId } });
      }
    }),
  );
}

async function verified(ctx: Anonymous, connection: Parameters<typeof providerOf>[1], token: string) {
  const { config, keys } = await providerOf(ctx, connection);
  const { issuer } = config.serverMetadata();
  try {
    const checks = { issuer, audience: connection.clientId, maxTokenAge: OLDEST, clockTolerance: CLOCK_SECONDS };
    const { payload } = await jwtVerify(token, keys, checks);
    return LogoutToken.parse(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) throw refused();
    throw failed(ctx, error);
  }
}

const refused = () => new AppError('MALFORMED_REQUEST', 'The logout token is not valid.');
