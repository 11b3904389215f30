import type { StandIn } from '../../lib/stand-in.ts';
import { type Mail, Refusal, type Rules } from '../smtp.ts';
import { type Directory, type Entry, LookupFailure } from './directory.ts';
import type { Maildirs } from './maildirs.ts';

/** The MX takes mail for mailboxes that are in the mail database, with the replies of Postfix. */
export function mxRules(self: StandIn, directory: Directory, maildirs: Maildirs): Rules {
  return {
    async recipient(address) {
      for (const entry of await recipientsOf(directory, address)) refuseFull(maildirs, entry, 0, address);
    },
    async mail({ from, to, raw, client }: Mail) {
      const lists = await Promise.all(to.map((address) => recipientsOf(directory, address)));
      const entries = [...new Map(lists.flat().map((entry) => [entry.maildir, entry])).values()];
      for (const entry of entries) refuseFull(maildirs, entry, raw.length, entry.address);
      if (self.faults.switched('mail-lost', `MX DATA ${to.join(',')}`)) return;
      for (const entry of entries) maildirs.deliver(entry, trace(from, entry.address, client) + raw.toString('latin1'));
    },
  };
}

async function recipientsOf(directory: Directory, address: string): Promise<Entry[]> {
  try {
    if (!(await directory.isOurs(address.slice(address.lastIndexOf('@') + 1))))
      throw new Refusal(554, `5.7.1 <${address}>: Relay access denied`);
    const entries = await directory.deliverTo(address);
    if (entries.some(({ active }) => !active))
      throw new Refusal(450, `4.2.1 <${address}>: Recipient address rejected: Mailbox disabled`);
    if (entries.length === 0)
      throw new Refusal(550, `5.1.1 <${address}>: Recipient address rejected: User unknown in virtual mailbox table`);
    return entries;
  } catch (error) {
    if (!(error instanceof LookupFailure)) throw error;
    throw new Refusal(451, `4.3.0 <${address}>: Temporary lookup failure`);
  }
}

function refuseFull(maildirs: Maildirs, entry: Entry, arriving: number, address: string): void {
  const used = maildirs.used(entry.maildir);
  if (used + arriving <= entry.quotaBytes && used < entry.quotaBytes) return;
  throw new Refusal(452, `4.2.2 <${address}>: Recipient address rejected: Quota exceeded (mailbox for user is full)`);
}

/** What final delivery puts on top (RFC 5321 4.4). */
function trace(from: string, to: string, client: string): string {
  const received = `Received: from ${client} by mx.mpanel.test with ESMTP; ${new Date().toUTCString()}`;
  return `Return-Path: <${from}>\r\nDelivered-To: ${to}\r\n${received}\r\n`;
}
