import { EmailDomain, Mailbox } from '../../../db/entities/index.ts';
import { get } from '../../../db/queries/entity.ts';
import type { SeenWeakness } from '../../../db/queries/weaknesses.ts';
import type { Deps } from '../../deps.ts';
import { type Check, checkOf } from '../check.ts';

/** Mailboxes that may grow until the host is full, as the mail host has them. */
export function mailboxes(deps: Pick<Deps, 'em' | 'mailhost'>): Check {
  async function look(row: Mailbox): Promise<SeenWeakness[]> {
    const { name } = await get(deps.em(), EmailDomain, row.emailDomainId);
    const address = `${row.localPart}@${name}`;
    const there = await deps.mailhost.readMailbox(address);
    if (!there || there.quotaMb > 0) return [];
    const evidence = { address, quotaMb: there.quotaMb, planned: row.quotaMb };
    return [{ kind: 'mailbox_unlimited', severity: 'medium', text: `${address} has no quota.`, evidence }];
  }

  return checkOf(deps, {
    name: 'mailboxes',
    resourceType: 'mailbox',
    entity: Mailbox,
    where: { status: 'active' },
    nameOf: ({ localPart }) => localPart,
    look,
  });
}
