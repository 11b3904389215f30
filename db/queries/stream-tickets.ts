import type { EntityManager } from '@mikro-orm/postgresql';
import type { Seal } from '../../runtime/seal.ts';
import { hashToken, newToken } from '../../runtime/token.ts';
import { StreamTicket } from '../entities/index.ts';
import { asPlatform } from '../tenant-scope.ts';
import { sql } from './rows.ts';

const WHY = 'a ticket is known by itself alone';

/** Seals credentials behind a ticket for one path. Answers the ticket, which is not kept. */
export async function addStreamTicket(
  em: EntityManager,
  seal: Seal,
  { path, clear, expiresAt }: { path: string; clear: string; expiresAt: Date },
): Promise<string> {
  const ticket = newToken();
  const hash = hashToken(ticket);
  const row = { hash, path, keyId: seal.keyId, sealed: seal.seal(hash, clear), expiresAt };
  await asPlatform(WHY, () => em.insert(StreamTicket, row));
  return ticket;
}

/** Uses a ticket up; undefined where it was used, has expired, or is for another path. */
export async function useStreamTicket(
  em: EntityManager,
  seal: Seal,
  { ticket, path }: { ticket: string; path: string },
): Promise<string | undefined> {
  const hash = hashToken(ticket);
  const [row] = await asPlatform(WHY, () =>
    sql<{ path: string; key_id: string; sealed: Buffer; live: boolean }>(
      em,
      'delete from stream_ticket where hash = ? returning path, key_id, sealed, expires_at > now() as live',
      [hash],
    ),
  );
  return row?.live && row.path === path && seal.knows(row.key_id) ? seal.open(hash, row.sealed, row.key_id) : undefined;
}
