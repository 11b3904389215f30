import type { EntityManager } from '@mikro-orm/postgresql';
import type { Request } from 'express';
import { AppError } from '../../core/app-error.ts';
import { addStreamTicket, useStreamTicket } from '../../db/queries/stream-tickets.ts';
import type { Seal } from '../../runtime/seal.ts';
import type { Context } from '../context.ts';

const TICKET_MS = 60_000;

interface Credentials {
  authorization: string;
  /** In which tenant, where the caller may choose. */
  tenantId?: string;
}

/** For what cannot send headers, a browser's EventSource: one use of the caller's credentials, within a minute, at a path. */
export async function issueTicket(ctx: Context, path: string, header: (name: string) => string | undefined) {
  const { roles, tenantId } = ctx.caller;
  const authorization = header('authorization') ?? '';
  const credentials: Credentials = { authorization, ...(roles.includes('platform_admin') ? { tenantId } : {}) };
  const expiresAt = new Date(Date.now() + TICKET_MS);
  const ticket = await addStreamTicket(ctx.em, ctx.seal, { path, clear: JSON.stringify(credentials), expiresAt });
  return { ticket, expiresAt: expiresAt.toISOString() };
}

/** Puts the credentials behind `?ticket=` into the request, which then is looked at like any other. */
export async function redeemTicket(em: EntityManager, seal: Seal, req: Request): Promise<void> {
  const { ticket } = req.query;
  if (ticket === undefined) return;
  const clear = typeof ticket === 'string' ? await useStreamTicket(em, seal, { ticket, path: req.path }) : undefined;
  if (!clear) throw new AppError('UNAUTHENTICATED', 'The ticket is used up, too old, or for something else.');
  const { authorization, tenantId } = JSON.parse(clear) as Credentials;
  req.headers.authorization = authorization;
  if (tenantId) req.headers['x-tenant-id'] = tenantId;
}
