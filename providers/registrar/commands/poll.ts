import type { PollMessage } from '../port.ts';
import type { Result } from '../result.ts';
import { element, find, NAMESPACES, required, type Written } from '../xml.ts';

export const requestMessage = (): Written => element('poll', [], { op: 'req' });

export const acknowledgeMessage = (id: string): Written => element('poll', [], { op: 'ack', msgID: id });

/** The message of a 1301 (RFC 5730 2.9.2.3), with the panData of a pending domain operation where it carries one. */
export function readMessage({ queue, data }: Result): PollMessage | undefined {
  if (!queue) return undefined;
  const { id, at, text = '' } = queue;
  const name = data?.name === 'panData' && data.namespace === NAMESPACES.domain ? find(data, 'name') : undefined;
  const succeeded = ['1', 'true'].includes(name?.attributes.paResult ?? '');
  const pending = name && { name: name.text, succeeded, transaction: required(find(data, 'paTRID'), 'svTRID') };
  return { id, at: new Date(at ?? Number.NaN), text, ...(pending ? { pending } : {}) };
}
