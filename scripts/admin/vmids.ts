import { audit } from '../../db/queries/audit.ts';
import { addVmids, templateWithin, vmidFill } from '../../db/queries/inventory.ts';
import { wakeWaiting } from '../../db/queries/waiting.ts';
import { newId } from '../../runtime/ids.ts';
import { type Command, Misuse, Refusal } from './command.ts';
import { MOST } from './networks.ts';
import { wholeNumber } from './values.ts';

/** What Proxmox takes (pve-vmid). */
export const VMID = { min: 100, max: 999_999_999 };

const list: Command = {
  name: 'pool vmids list',
  synopsis: '',
  about: 'Ranges of VMIDs and how full they are.',
  run: async ({ em }) => ({ vmids: await vmidFill(em) }),
};

const add: Command = {
  name: 'pool vmids add',
  synopsis: 'FROM-TO',
  about: 'VMIDs for guests; nobody else may use them in the cluster.',
  async run({ em }, given) {
    const [from, to] = readRange(given.arg(0));
    await em.transactional(async (tx) => {
      const template = await templateWithin(tx, from, to);
      if (template) throw new Refusal(`the template ${template} lies in this range`);
      const added = await addVmids(tx, from, to);
      if (added < to - from + 1)
        throw new Refusal(`${from}-${to} overlaps: ${to - from + 1 - added} are in the pool already`);
      const pool = { resourceType: 'pool', resourceId: `${from}-${to}` };
      audit(tx, { tenantId: null, action: 'pool.vmids_added', ...pool, metadata: { added } });
      await wakeWaiting(tx, `pool/${newId()}`);
    });
    return `Added ${to - from + 1} VMIDs, ${from} to ${to}.`;
  },
};

function readRange(text: string): [number, number] {
  const [, first = '', last = ''] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (!first) throw new Misuse(`'${text}' is not a range like 20000-29999`);
  const from = wholeNumber('FROM', first, VMID);
  const to = wholeNumber('TO', last, VMID);
  if (to < from) throw new Misuse(`${text} ends before it begins`);
  if (to - from >= MOST) throw new Misuse(`${text} has ${to - from + 1} VMIDs: at most ${MOST} can be added at a time`);
  return [from, to];
}

export const vmidCommands = [list, add];
