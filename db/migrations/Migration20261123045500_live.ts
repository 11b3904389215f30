import { Migration } from '@mikro-orm/migrations';

export class Migration20261123045500_live extends Migration {
  override name = 'Migration20261123045500_live';

  override up(): void {
    this.addSql(
      `create table "job_event" ("stream" uuid not null, "seq" bigint not null, "tenant_id" uuid not null, "job_id" uuid not null, "type" text not null, "step" text null, "status" text not null, "attempt" int null, "message" text null, "started_at" timestamptz(3) null, "ended_at" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), primary key ("stream", "seq"));`,
    );
    this.addSql(`create index "job_event_created_at_index" on "job_event" ("created_at");`);
    this.addSql(
      `create table "stream_ticket" ("hash" text not null, "path" text not null, "key_id" text not null, "sealed" bytea not null, "expires_at" timestamptz(3) not null, primary key ("hash"));`,
    );
    this.addSql(`create index "stream_ticket_expires_at_index" on "stream_ticket" ("expires_at");`);
    this.addSql(WHAT_IS_THERE);
    for (const made of [ADD, OF_JOB, OF_STEP, ...TRIGGERS]) this.addSql(made);
  }

  override down(): void {
    for (const name of ['of_job()', 'of_step()', 'add(job, job_event, boolean)'])
      this.addSql(`drop function if exists job_event_${name} cascade;`);
    this.addSql(`drop table if exists "stream_ticket" cascade;`);
    this.addSql(`drop table if exists "job_event" cascade;`);
  }
}

/** Of what was done before, only how it ended is known. */
const WHAT_IS_THERE = `
insert into job_event
select stream, row_number() over (partition by stream order by at, job_id, position), tenant_id, job_id, type, step, status,
  attempt, message, started_at, ended_at, at
from (
  select coalesce(order_id, id) as stream, tenant_id, id as job_id, type, null as step, status, null::int as attempt,
    reason as message, null::timestamptz as started_at, ended_at, coalesce(ended_at, updated_at) as at, null::int as position
  from job
  union all
  select coalesce(order_id, id), tenant_id, id, type, s.name, s.status, s.attempt, s.error, s.started_at, s.ended_at,
    coalesce(s.ended_at, s.started_at, updated_at), s.position
  from job_step s join job j on j.id = s.job_id
) told`;

/**
 * The next event of a stream, and word of it to whoever listens. Writers of one stream come one after the other; that lock
 * is taken at the commit, when a transaction has every other lock that it needs. A new job without an order is known to
 * nobody yet, so that it needs none: a sweep may begin any number at a time.
 */
const ADD = `
create function job_event_add(owner job, event job_event, alone boolean) returns void language plpgsql as $$
begin
  event.stream := coalesce(owner.order_id, owner.id);
  event.tenant_id := owner.tenant_id;
  event.job_id := owner.id;
  event.type := owner.type;
  event.created_at := clock_timestamp();
  if not alone then perform pg_advisory_xact_lock(28016, hashtext(event.stream::text)); end if;
  select coalesce(max(seq), 0) + 1 into event.seq from job_event where stream = event.stream;
  insert into job_event select event.*;
  perform pg_notify('mpanel_live', event.stream::text);
end $$`;

/** At the commit a transaction may be in another scope than when it changed the row. */
const AS_OWNER = 'language plpgsql security definer set search_path = pg_catalog, public';

const OF_JOB = `
create function job_event_of_job() returns trigger ${AS_OWNER} as $$
declare event job_event;
begin
  if tg_op = 'UPDATE' and (old.status, old.step, old.reason, old.ended_at)
    is not distinct from (new.status, new.step, new.reason, new.ended_at) then return null; end if;
  event.status := new.status;
  event.message := new.reason;
  event.ended_at := new.ended_at;
  perform job_event_add(new, event, tg_op = 'INSERT' and new.order_id is null);
  return null;
end $$`;

const OF_STEP = `
create function job_event_of_step() returns trigger ${AS_OWNER} as $$
declare event job_event; owner job;
begin
  if tg_op = 'UPDATE' and (old.status, old.attempt, old.error, old.ended_at)
    is not distinct from (new.status, new.attempt, new.error, new.ended_at) then return null; end if;
  select * into owner from job where id = new.job_id;
  event.step := new.name;
  event.status := new.status;
  event.attempt := new.attempt;
  event.message := new.error;
  event.started_at := new.started_at;
  event.ended_at := new.ended_at;
  perform job_event_add(owner, event, false);
  return null;
end $$`;

const TRIGGERS = ['job', 'step'].map(
  (of) => `create constraint trigger job_event after insert or update on ${of === 'job' ? 'job' : 'job_step'}
  deferrable initially deferred for each row execute function job_event_of_${of}()`,
);
