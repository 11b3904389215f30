import type { EntityManager } from '@mikro-orm/postgresql';
import { newId } from '../../runtime/ids.ts';
import { Node } from '../entities/index.ts';
import { findRow, listRows, type PageQuery, sql } from './rows.ts';

export const findNode = (em: EntityManager, id: string) => findRow(em, Node, { id });

export const listNodes = (em: EntityManager, page: PageQuery) => listRows(em, Node, {}, page);

export const allNodes = (em: EntityManager): Promise<Node[]> => em.find(Node, {}, { orderBy: { name: 'asc' } });

/** A heartbeat of a host that runs the platform itself: the first one makes it known. */
export async function beatControl(
  em: EntityManager,
  host: Pick<Node, 'name' | 'ip' | 'cores' | 'memoryMb'> &
    Pick<Required<Node>, 'cpuUsage' | 'memoryUsedMb' | 'uptimeSeconds'>,
): Promise<void> {
  const beat = { ...host, role: 'control' as const, status: 'online' as const, lastHeartbeatAt: new Date() };
  await em.upsert(
    Node,
    { id: newId(), ...beat },
    { onConflictFields: ['name'], onConflictExcludeFields: ['id', 'role', 'createdAt'] },
  );
}

export interface DatabaseLoad {
  connections: number;
  maxConnections: number;
  sizeMb: number;
}

export async function measureDatabase(em: EntityManager): Promise<DatabaseLoad> {
  const [row] = await sql<DatabaseLoad>(
    em,
    `select (select count(*)::int from pg_stat_activity where datname = current_database()) as connections,
       current_setting('max_connections')::int as "maxConnections",
       (pg_database_size(current_database()) / 1048576)::int as "sizeMb"`,
  );
  return row!;
}
