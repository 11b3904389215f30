import type { EntityManager } from '@mikro-orm/postgresql';
import { SIGNALS } from '../../workflows/catalog.ts';
import { asPlatform } from '../tenant-scope.ts';
import { sql } from './rows.ts';

/** Something that only so many guests may be made from, or on, at a time. */
export interface CloneLine {
  name: string;
  limit: number;
}

const ALL = 'guests of all tenants stand in one line';

/** No attempt to make a guest lasts longer (workflows/host.ts): a place that is not asked for again by then is nobody's. */
const LEASE = `interval '1 hour'`;

/**
 * Puts a guest at the end of lines, if it does not stand in them, and answers in which it has to wait: with how many
 * before it, for how many at a time. None: its turn has come in all of them. One statement: the row of a line is locked
 * while it is looked at and changed, so that two can neither take the same place nor overtake each other.
 */
export async function standInLine(
  em: EntityManager,
  instanceId: string,
  lines: readonly CloneLine[],
): Promise<(CloneLine & { before: number })[]> {
  // In one order for everybody: who locks two rows crosswise locks for ever.
  const sorted = lines.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const statement = `insert into clone_line as old (name, line)
     values ${sorted.map(() => `(?, jsonb_build_array(jsonb_build_object('id', ?::text, 'until', now() + ${LEASE})))`).join(', ')}
     on conflict (name) do update set line = (
       select jsonb_agg(place order by at) from (
         select place, at from jsonb_array_elements(old.line) with ordinality as standing (place, at)
         where place->'id' <> excluded.line->0->'id' and (place->>'until')::timestamptz > now()
         union all
         select excluded.line->0, coalesce(
           (select at from jsonb_array_elements(old.line) with ordinality as standing (place, at)
            where place->'id' = excluded.line->0->'id'),
           jsonb_array_length(old.line) + 1)) as kept)
     returning name, (select at::int from jsonb_array_elements(line) with ordinality as standing (place, at)
       where place->>'id' = ?) as place`;
  const params = [...sorted.flatMap(({ name }) => [name, instanceId]), instanceId];
  const rows = await asPlatform(ALL, () => sql<{ name: string; place: number }>(em, statement, params));
  return sorted
    .map((line) => ({ ...line, before: (rows.find(({ name }) => name === line.name)?.place ?? 1) - 1 }))
    .filter(({ before, limit }) => before >= limit);
}

/** Takes a guest out of every line, and wakes who is next in them. `limits` by the first word of a line's name. */
export async function leaveLines(
  em: EntityManager,
  instanceId: string,
  limits: Readonly<Record<string, number>>,
): Promise<void> {
  const statement = `with line as (update clone_line set line = (
         select coalesce(jsonb_agg(place order by at), '[]') from jsonb_array_elements(line) with ordinality as standing (place, at)
         where place->>'id' <> ?)
       where name in (select name from clone_line where line @> jsonb_build_array(jsonb_build_object('id', ?::text)) order by name for update)
       returning line->((?::jsonb->split_part(name, ' ', 1))::int - 1)->>'id' as next)
     insert into outbox (id, workflow_id, kind, event_id, name, args)
     select distinct on (job.id) gen_random_uuid(), job.workflow_id, 'signal', 'clone/' || gen_random_uuid(), ?, '[]'::jsonb
     from line join job on job.target_id = line.next::uuid
     where job.type = 'cloudpod_provision' and job.status in ('running', 'blocked')`;
  const params = [instanceId, instanceId, JSON.stringify(limits), SIGNALS.capacity];
  await asPlatform(ALL, () => sql(em, statement, params));
}
