import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { HASHED } from '../audit-triggers.ts';
import { PLATFORM_CHAIN } from '../entities/audit.ts';
import { AuditHead } from '../entities/index.ts';
import { sql } from './rows.ts';

const BATCH = 1_000;
const START = { seq: 0, hash: '' };

/** The end of a chain: kept elsewhere it is an anchor, which shows a log that was written anew as a whole. */
export interface ChainEnd {
  seq: number;
  /** Hexadecimal; empty where there is no event. */
  hash: string;
}

/** The first event that is not as it was written. */
export interface Break {
  seq: number;
  /** Undefined where the event itself is missing. */
  id?: string;
  problem: string;
}

interface Link {
  id: string;
  seq: number;
  prevHash: string;
  hash: string;
  hashed: (string | null)[];
}

/** Every chain there is: a tenant's id, or {@link PLATFORM_CHAIN}. */
export async function chains(em: EntityManager): Promise<string[]> {
  const rows = await sql<{ chain: string }>(
    em,
    `select chain from audit_head union select coalesce(tenant_id, '${PLATFORM_CHAIN}') from audit_event order by 1`,
  );
  return rows.map(({ chain }) => chain);
}

/**
 * Walks a chain from its first event to its head, a batch at a time; answers its end, or where it is broken. Wants one
 * snapshot: a transaction that is repeatable read.
 */
export async function verifyChain(em: EntityManager, chain: string, anchor?: ChainEnd): Promise<ChainEnd | Break> {
  const head = (await em.findOne(AuditHead, { chain })) ?? START;
  let end: ChainEnd = START;
  for (let links = await read(em, chain, 0); links.length; links = await read(em, chain, end.seq))
    for (const link of links) {
      const problem = problemOf(link, end, head, anchor);
      if (problem) return { seq: end.seq + 1, ...problem };
      end = { seq: link.seq, hash: link.hash };
    }
  const wanted = Math.max(head.seq, anchor?.seq ?? 0);
  return wanted > end.seq ? { seq: end.seq + 1, problem: `is missing: there were ${wanted}` } : end;
}

function problemOf(link: Link, end: ChainEnd, head: ChainEnd, anchor?: ChainEnd): Omit<Break, 'seq'> | undefined {
  const { id, seq, hash } = link;
  if (seq !== end.seq + 1) return { problem: 'is missing' };
  if (hashOf(link.hashed) !== hash) return { id, problem: 'was changed' };
  if (link.prevHash !== end.hash) return { id, problem: 'does not follow the one before it' };
  if (seq > head.seq) return { id, problem: 'was added behind the head of the chain' };
  if (seq === head.seq && hash !== head.hash) return { id, problem: 'is not the one that the head of the chain names' };
  if (seq === anchor?.seq && hash !== anchor.hash) return { id, problem: 'is not the one of the anchor' };
  return undefined;
}

async function read(em: EntityManager, chain: string, after: number): Promise<Link[]> {
  const rows = await sql<Omit<Link, 'seq'> & { seq: string }>(
    em,
    `select id, seq, prev_hash as "prevHash", hash, array[${HASHED.join()}] as hashed from audit_event
     where coalesce(tenant_id, '${PLATFORM_CHAIN}') = ? and seq > ? order by seq limit ${BATCH}`,
    [chain, after],
  );
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
}

/** As PostgreSQL writes the array: its escapes are those of JSON.stringify. */
function hashOf(hashed: (string | null)[]): string {
  const text = `[${hashed.map((value) => JSON.stringify(value)).join(', ')}]`;
  return createHash('sha256').update(text).digest('hex');
}
