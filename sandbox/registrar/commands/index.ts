import type { Handler } from '../context.ts';
import { contactCommands } from './contact.ts';
import { check, create } from './domain-create.ts';
import { info } from './domain-info.ts';
import { remove, renew, transfer } from './domain-term.ts';
import { update } from './domain-update.ts';
import { hostCommands } from './host.ts';
import { acknowledge, request } from './poll.ts';

/** What the registry does, by operation; login and logout are the session's own. */
export const COMMANDS: Record<string, Handler> = {
  'domain:check': check,
  'domain:create': create,
  'domain:info': info,
  'domain:update': update,
  'domain:renew': renew,
  'domain:transfer': transfer,
  'domain:delete': remove,
  ...contactCommands,
  ...hostCommands,
  'poll:req': request,
  'poll:ack': acknowledge,
};
