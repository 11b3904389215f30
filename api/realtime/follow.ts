import type { Request, Response } from 'express';
import { AppError } from '../../core/app-error.ts';
import { asTenant } from '../../db/tenant-scope.ts';
import type { Context } from '../context.ts';
import type { Binding } from '../http/bind.ts';
import type { Route } from '../http/route.ts';
import type { Feed } from './feed.ts';
import { play } from './play.ts';

interface Following {
  route: Route;
  binding: Binding;
  ctx: Context;
  input: Parameters<Route['handler']>[1];
  /** The caller as they are now. Throws when they may not do this any longer. */
  enterAgain(): Promise<Context>;
}

/** Answers a request with what its route's feed tells. At each heartbeat the caller is looked at again. */
export function follow(req: Request, res: Response, following: Following): Promise<void> {
  const { route, binding, ctx, input, enterAgain } = following;
  const { orm, live, config, checkResponses } = binding;
  const feedFor = async (caller: Context) => (await route.handler(caller, input)).body as Feed;
  return asTenant(ctx.caller.tenantId, async () => {
    const feed = await feedFor(ctx);
    await live.during(ctx.caller.userId, (stopping) =>
      play(res, {
        feed,
        after: lastEventId(req, input.query),
        heartbeatMs: config.STREAM_HEARTBEAT_SECONDS * 1000,
        on: live.on,
        em: () => orm.em.fork(),
        recheck: async () => void (await feedFor(await enterAgain())),
        check: (data) => {
          if (checkResponses) route.responses[200]?.parse(data);
        },
        stopping,
      }),
    );
  });
}

/** A browser's own word of it counts before the one in the address, which it repeats. */
function lastEventId(req: Request, query: { lastEventId?: number }): number | undefined {
  const header = req.get('last-event-id');
  if (header === undefined || header === '') return query.lastEventId;
  if (!/^\d{1,15}$/.test(header)) throw new AppError('MALFORMED_REQUEST', 'Last-Event-ID: the id of an event.');
  return Number(header);
}
