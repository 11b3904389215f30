import ipaddr from 'ipaddr.js';
import { NODE_STATUS } from '../../core/states.ts';
import { Node } from '../../db/entities/index.ts';
import { first, set } from '../../db/queries/entity.ts';
import { nodeFill } from '../../db/queries/inventory.ts';
import { wakeWaiting } from '../../db/queries/waiting.ts';
import { newId } from '../../runtime/ids.ts';
import { type Command, Misuse, Refusal } from './command.ts';
import type { Given } from './given.ts';
import { mebibytes, oneOf, optional, wholeNumber } from './values.ts';

const ROLES = ['hypervisor', 'control', 'mail', 'dns'] as const;
const PLACES = '[--storage NAME] [--backup-storage NAME] [--bridge NAME]';

const list: Command = {
  name: 'nodes list',
  synopsis: '',
  about: 'Nodes and what is sold of them.',
  run: async ({ em }) => ({
    nodes: (await nodeFill(em)).map(({ memoryUsedMb, memoryMb, diskUsedGb, diskGb, coresUsed, cores, ...node }) => ({
      ...node,
      cores: `${coresUsed}/${cores}`,
      memoryMb: `${memoryUsedMb}/${memoryMb}`,
      diskGb: `${diskUsedGb}/${diskGb}`,
    })),
  }),
};

const add: Command = {
  name: 'nodes add',
  synopsis: `NAME --ip ADDRESS --cores N --memory SIZE --disk SIZE [--role ROLE] ${PLACES}`,
  about: 'A Proxmox host, by its name there, with the capacity that may be sold of it (--memory 256G --disk 4T).',
  async run({ em }, given) {
    const name = nodeName(given.arg(0));
    const role = oneOf('--role', given.option('role') ?? 'hypervisor', ROLES);
    const fields = fieldsOf(given) as { ip: string };
    await em.transactional(async (tx) => {
      if (await first(tx, Node, { name })) throw new Refusal(`the node ${name} is known: nodes set changes it`);
      await tx.insert(Node, { id: newId(), name, role, ...fields });
      await wakeWaiting(tx, `node/${newId()}`);
    });
    return `Added ${name}; it is offline until the workers have seen it.`;
  },
};

const change: Command = {
  name: 'nodes set',
  synopsis: `NAME [--ip ADDRESS] [--cores N] [--memory SIZE] [--disk SIZE] [--role ROLE] [--status STATUS] ${PLACES}`,
  about: 'Changes a node. The status of a hypervisor is what the workers see of it.',
  async run({ em }, given) {
    const fields = {
      ...fieldsOf(given),
      ...optional(given, 'role', 'role', (what, text) => oneOf(what, text, ROLES)),
      ...optional(given, 'status', 'status', (what, text) => oneOf(what, text, NODE_STATUS)),
    };
    if (Object.keys(fields).length === 0) throw new Misuse('nothing to change is given');
    await em.transactional(async (tx) => {
      if (!(await set(tx, Node, { name: given.arg(0) }, fields))) throw new Refusal(`there is no node ${given.arg(0)}`);
      await wakeWaiting(tx, `node/${newId()}`);
    });
    return `Changed ${given.arg(0)}.`;
  },
};

function fieldsOf(given: Given) {
  const plain = (what: string, text: string) => text.trim() || misuse(`${what} is empty`);
  return {
    ...optional(given, 'ip', 'ip', address),
    ...optional(given, 'cores', 'cores', (what, text) => wholeNumber(what, text, { min: 1, max: 100_000 })),
    ...optional(given, 'memory', 'memoryMb', mebibytes),
    ...optional(given, 'disk', 'diskGb', (what, text) => Math.floor(mebibytes(what, text) / 1024)),
    ...optional(given, 'storage', 'storage', plain),
    ...optional(given, 'backup-storage', 'backupStorage', plain),
    ...optional(given, 'bridge', 'bridge', plain),
  };
}

function address(what: string, text: string): string {
  const valid = ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
  return valid ? text : misuse(`${what} must be an IP address, not '${text}'`);
}

function nodeName(text: string): string {
  return /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/.test(text) ? text : misuse(`'${text}' is not a node's name`);
}

function misuse(sentence: string): never {
  throw new Misuse(sentence);
}

export const nodeCommands = [list, add, change];
