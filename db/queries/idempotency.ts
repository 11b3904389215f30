import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from './rows.ts';

export interface KeyOwner {
  tenantId: string;
  callerId: string;
  key: string;
}

export interface KeptAnswer {
  fingerprint: string;
  status: number | null;
  body: string | null;
}

const owned = 'tenant_id = ? and caller_id = ? and key = ?';
const params = ({ tenantId, callerId, key }: KeyOwner) => [tenantId, callerId, key];

/**
 * Claims a key in the caller's transaction; false when it is taken. While another transaction holds it, this waits for
 * its end. A key is free again after 24 hours.
 */
export async function claimKey(em: EntityManager, owner: KeyOwner, fingerprint: string): Promise<boolean> {
  const claimed = await sql(
    em,
    `insert into idempotency_key (tenant_id, caller_id, key, fingerprint) values (?, ?, ?, ?)
     on conflict (tenant_id, caller_id, key) do update
       set fingerprint = excluded.fingerprint, status = null, body = null, created_at = excluded.created_at
       where idempotency_key.created_at < now() - interval '24 hours'
     returning key`,
    [...params(owner), fingerprint],
  );
  return claimed.length > 0;
}

export async function keptAnswer(em: EntityManager, owner: KeyOwner): Promise<KeptAnswer | undefined> {
  const [row] = await sql<KeptAnswer>(
    em,
    `select fingerprint, status, body from idempotency_key where ${owned} and created_at >= now() - interval '24 hours'`,
    params(owner),
  );
  return row;
}

export async function keepAnswer(em: EntityManager, owner: KeyOwner, status: number, body: string): Promise<void> {
  await sql(em, `update idempotency_key set status = ?, body = ? where ${owned}`, [status, body, ...params(owner)]);
}
