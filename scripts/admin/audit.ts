import { IsolationLevel } from '@mikro-orm/postgresql';
import { type Break, type ChainEnd, chains, verifyChain } from '../../db/queries/audit-chain.ts';
import { type Command, type Desk, Misuse, Refusal, type Row } from './command.ts';
import { tenantOf } from './tenant.ts';

export const auditVerify: Command = {
  name: 'audit verify',
  synopsis: '[--tenant NAME] [--anchor COUNT:HASH]',
  about: 'Whether the audit log is as it was written; prints the end of each chain, to keep elsewhere as an anchor.',
  async run(desk, given) {
    const anchor = readAnchor(given.option('anchor'));
    const tenant = given.option('tenant');
    if (anchor && !tenant) throw new Misuse('--anchor is of one chain: --tenant says whose');
    const only = tenant === undefined ? undefined : (await tenantOf(desk, tenant)).id;
    return { audit: await verified(desk, only, anchor) };
  },
};

function verified({ em }: Desk, only: string | undefined, anchor: ChainEnd | undefined): Promise<Row[]> {
  return em.transactional(
    async (tx) => {
      const rows: Row[] = [];
      for (const chain of only ? [only] : await chains(tx)) {
        const end = await verifyChain(tx, chain, anchor);
        if ('problem' in end) throw new Refusal(sentence(chain, end));
        rows.push({ chain, log: 'intact', events: end.seq, hash: end.hash });
      }
      return rows;
    },
    { isolationLevel: IsolationLevel.REPEATABLE_READ, readOnly: true },
  );
}

const sentence = (chain: string, { seq, id, problem }: Break) =>
  `event ${seq} of ${chain} ${problem}${id ? ` (${id})` : ''}`;

function readAnchor(text: string | undefined): ChainEnd | undefined {
  if (text === undefined) return undefined;
  const [, seq, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (!seq || !hash) throw new Misuse('--anchor must be COUNT:HASH as audit verify printed it');
  return { seq: Number(seq), hash };
}
