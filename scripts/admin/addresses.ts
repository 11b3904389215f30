import { audit } from '../../db/queries/audit.ts';
import { addAddresses, addressFill } from '../../db/queries/inventory.ts';
import { wakeWaiting } from '../../db/queries/waiting.ts';
import { newId } from '../../runtime/ids.ts';
import { type Command, Refusal } from './command.ts';
import { rangeOf } from './networks.ts';

const list: Command = {
  name: 'pool addresses list',
  synopsis: '',
  about: 'Pools of addresses and how full they are.',
  run: async ({ em }) => ({ addresses: await addressFill(em) }),
};

const add: Command = {
  name: 'pool addresses add',
  synopsis: 'CIDR --gateway ADDRESS [--prefix LENGTH]',
  about: 'Addresses for guests; --prefix tells the length of their network where CIDR is only a part of it.',
  async run({ em }, given) {
    const range = rangeOf(given.arg(0), given.option('gateway') ?? '', given.option('prefix'));
    const { addresses } = range;
    await em.transactional(async (tx) => {
      const added = await addAddresses(tx, range);
      if (added < addresses.length)
        throw new Refusal(
          `${given.arg(0)} overlaps: ${addresses.length - added} of its addresses are in a pool already`,
        );
      const pool = { resourceType: 'pool', resourceId: given.arg(0) };
      audit(tx, {
        tenantId: null,
        action: 'pool.addresses_added',
        ...pool,
        metadata: { added, gateway: range.gateway },
      });
      await wakeWaiting(tx, `pool/${newId()}`);
    });
    return `Added ${addresses.length} addresses, ${addresses[0]} to ${addresses.at(-1)}.`;
  },
};

export const addressCommands = [list, add];
