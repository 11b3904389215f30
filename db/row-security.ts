import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from './queries/rows.ts';
import { TABLE_ACCESS, type TableAccess } from './table-access.ts';

/** Sees the rows of the tenant in the setting `mpanel.tenant`, and none without one. */
export const APP_ROLE = 'mpanel_app';
/** Sees the rows of all tenants. */
export const PLATFORM_ROLE = 'mpanel_platform';

// Roles belong to the whole server: another database of it may have made them, or be making them now.
export const ROLES: readonly string[] = [APP_ROLE, PLATFORM_ROLE].map(
  (role) => `do $$ begin
    if not exists (select from pg_roles where rolname = '${role}') then create role ${role} nologin; end if;
  exception when duplicate_object or unique_violation then null; end $$;
  do $$ begin
    if not pg_has_role(current_user, '${role}', case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end)
    then grant ${role} to current_user; end if;
  end $$;
  grant usage on schema public to ${role};`,
);

/**
 * Makes the database hold tenants apart as {@link TABLE_ACCESS} says: roles, grants and policies. Run by the owner after
 * the migrations; a table that is as it should be is not touched, so that nobody waits for its lock.
 */
export async function secureRows(em: EntityManager): Promise<void> {
  for (const statement of ROLES) await em.execute(statement);
  for (const { table, secured, marks } of await readRules(em)) {
    const access = TABLE_ACCESS[table];
    if (!access) continue;
    const policies = policiesOf(table, access);
    const statements = rulesOf(table, access, policies);
    const mark = createHash('sha256').update(statements).digest('hex');
    if (secured && marks === Object.keys(policies).fill(mark).join()) continue;
    const marking = Object.keys(policies).map((name) => `comment on policy ${name} on "${table}" is '${mark}';`);
    await em.execute([statements, ...marking].join('\n'));
  }
}

/** What there is. A mark is lost with the policy that bears it; a restored dump has policies and no grants. */
function readRules(em: EntityManager): Promise<{ table: string; secured: boolean; marks: string | null }[]> {
  return sql(
    em,
    `select c.relname as table, c.relrowsecurity and has_table_privilege('${PLATFORM_ROLE}', c.oid, 'select') as secured,
       (select string_agg(obj_description(p.oid, 'pg_policy'), ',') from pg_policy p where p.polrelid = c.oid) as marks
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`,
  );
}

/** By name. */
function policiesOf(table: string, access: TableAccess): Record<string, string> {
  const own = visible(table, access);
  return {
    platform: `create policy platform on "${table}" to ${PLATFORM_ROLE} using (true);`,
    ...(own ? { tenant: `create policy tenant on "${table}" to ${APP_ROLE} using (${own});` } : {}),
  };
}

function rulesOf(table: string, access: TableAccess, policies: Record<string, string>): string {
  const writing = writesOf(access);
  const granted = { tenant: writing, child: writing, shared: 'select', platform: undefined }[access.kind];
  return [
    `alter table "${table}" enable row level security;`,
    ...['platform', 'tenant'].map((name) => `drop policy if exists ${name} on "${table}";`),
    ...Object.values(policies),
    `revoke all on "${table}" from public, ${APP_ROLE}, ${PLATFORM_ROLE};`,
    `grant ${writing} on "${table}" to ${PLATFORM_ROLE};`,
    granted ? `grant ${granted} on "${table}" to ${APP_ROLE};` : '',
  ].join('\n');
}

function writesOf(access: TableAccess): string {
  if (access.kind === 'tenant' && access.readOnly) return 'select';
  return access.kind === 'tenant' && access.appendOnly ? 'select, insert' : 'select, insert, update, delete';
}

// The setting is read once for a statement, not for a row: behind a select of its own it makes an init plan, and what it
// is compared with can be looked up in an index.
const CURRENT_TENANT = `(select nullif(current_setting('mpanel.tenant', true), '')::uuid)`;

/** Which rows a tenant sees, and may write. A child's parent is looked for as the same role, so under its own policy. */
function visible(table: string, access: TableAccess): string | undefined {
  switch (access.kind) {
    case 'tenant':
      return `${access.column} = ${CURRENT_TENANT}`;
    case 'child':
      return `exists (select from "${access.of}" parent where parent.id = "${table}".${access.column})`;
    case 'shared':
      return 'true';
    case 'platform':
      return undefined;
  }
}
