import type { Manifest } from './manifest.ts';

/** Against clocks, and transactions that were longer under way than the copy; within Temporal's shortest retention. */
const MARGIN = '1 hour';

/** A UUID that stands after all that were made before, as ours do; PostgreSQL has uuidv7() from 18 on only. */
const ID =
  "(lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || substr(replace(gen_random_uuid()::text, '-', ''), 13))::uuid";

/** What is done to the restored rows. */
export const putRight = (manifest: Manifest): string[] => [sendAgain(manifest), lookAgain(manifest)];

/**
 * Has the dispatcher send again whatever Temporal's copy may not have been told. A start that it knows is refused by its id,
 * a signal by its event's.
 */
function sendAgain({ outbox: { since, waiting } }: Manifest): string {
  const ids = waiting.map((id) => `'${id}'`).join(', ');
  const concerned = [`created_at >= timestamptz '${since}' - interval '${MARGIN}'`, ...(ids ? [`id in (${ids})`] : [])];
  return `update outbox set state = 'pending', next_at = now(), error = null where state = 'sent' and (${concerned.join(' or ')})`;
}

/** Tells every order that waits to look at its payments: Stripe's events of the time between are gone. */
function lookAgain({ createdAt }: Manifest): string {
  const event = `restored ${createdAt}`;
  const signal = `workflow_id, 'signal', '${event} ' || id, 'payment', jsonb_build_array('${event} ' || id)`;
  const waiting = "type = 'order_fulfil' and status in ('pending', 'running', 'blocked')";
  return `insert into outbox (id, workflow_id, kind, event_id, name, args) select ${ID}, ${signal} from job where ${waiting} on conflict do nothing`;
}
