import type { Context } from '../context.ts';
import { type Reply, refuse } from '../result.ts';

/** The oldest message, left in the queue until it is acknowledged (RFC 5730 2.9.2.3). */
export function request({ registry, account }: Context): Reply {
  const queue = registry.queue(account);
  const [first] = queue;
  if (!first) return { code: 1300 };
  const { id, at, text, resData } = first;
  return { code: 1301, msgQ: { count: queue.length, id, at, text }, ...(resData ? { resData } : {}) };
}

export function acknowledge({ registry, account, verb }: Context): Reply {
  const id = verb.attributes.msgID;
  if (!id) refuse(2003, 'ack needs msgID');
  if (!registry.queue(account).some((message) => message.id === id)) refuse(2303, `message ${id}`);
  registry.messages.delete(id);
  return { code: 1000, msgQ: { count: registry.queue(account).length, id } };
}
