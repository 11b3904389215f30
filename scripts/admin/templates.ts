import { Image, Node, VmidSlot } from '../../db/entities/index.ts';
import { all, first, set } from '../../db/queries/entity.ts';
import { wakeWaiting } from '../../db/queries/waiting.ts';
import { newId } from '../../runtime/ids.ts';
import { type Command, type Desk, Misuse, Refusal } from './command.ts';
import type { Given } from './given.ts';
import { oneOf, wholeNumber } from './values.ts';
import { VMID } from './vmids.ts';

const KINDS = ['qemu', 'lxc'] as const;

const list: Command = {
  name: 'templates list',
  synopsis: '',
  about: 'What guests are made from.',
  async run({ em }) {
    const images = await all(em, Image, {}, { orderBy: { name: 'asc', kind: 'asc', node: 'asc' } });
    const row = ({ name, kind, node, vmid, volume, title, enabled }: Image) => ({
      ...{ name, kind, node: node ?? null, vmid: vmid ?? null, volume: volume ?? null, title, enabled },
    });
    return { templates: images.map(row) };
  },
};

const add: Command = {
  name: 'templates add',
  synopsis: 'NAME [--node NODE] [--vmid ID] [--lxc VOLUME] [--title TEXT]',
  about:
    'A VM template (--node and --vmid, one per node) or a container template (--lxc store:vztmpl/file); again: changes it.',
  async run({ em }, given) {
    const name = templateName(given.arg(0));
    const source = readSource(given);
    const title = given.option('title') ?? name;
    return em.transactional(async (tx) => {
      if (source.kind === 'qemu') await checkPlace(tx, source);
      const { kind, node } = source;
      const there = await first(tx, Image, { name, kind, node });
      if (there) await set(tx, Image, { id: there.id }, { ...source, title, enabled: true });
      else await tx.insert(Image, { id: newId(), name, title, ...source });
      await wakeWaiting(tx, `template/${newId()}`);
      return `${there ? 'Changed' : 'Added'} ${name} (${kind}${node ? ` on ${node}` : ''}).`;
    });
  },
};

const disable: Command = {
  name: 'templates disable',
  synopsis: 'NAME [--kind KIND] [--node NODE]',
  about: 'Nothing new is made from it; guests that are there stay.',
  async run({ em }, given) {
    const node = given.option('node');
    const kind = given.option('kind');
    const where = {
      name: given.arg(0),
      ...(node === undefined ? {} : { node }),
      ...(kind === undefined ? {} : { kind: oneOf('--kind', kind, KINDS) }),
    };
    const count = await em.transactional((tx) => set(tx, Image, where, { enabled: false }));
    if (!count) throw new Refusal(`there is no such template ${given.arg(0)}`);
    return `Disabled ${count} of ${given.arg(0)}.`;
  },
};

type Source =
  | { kind: 'qemu'; node: string; vmid: number; volume: null }
  | { kind: 'lxc'; node: null; vmid: null; volume: string };

function readSource(given: Given): Source {
  const [node, vmid, volume] = ['node', 'vmid', 'lxc'].map((name) => given.option(name));
  if (volume !== undefined) {
    if (node !== undefined || vmid !== undefined) throw new Misuse('--lxc goes without --node and --vmid');
    if (!/^[\w.-]+:vztmpl\/\S+$/.test(volume))
      throw new Misuse(`--lxc must be like local:vztmpl/file, not '${volume}'`);
    return { kind: 'lxc', node: null, vmid: null, volume };
  }
  if (node === undefined || vmid === undefined) throw new Misuse('--node and --vmid, or --lxc, must be given');
  return { kind: 'qemu', node, vmid: wholeNumber('--vmid', vmid, VMID), volume: null };
}

/** On a node of ours, and outside of what guests are given. */
async function checkPlace(em: Desk['em'], { node, vmid }: { node: string; vmid: number }): Promise<void> {
  if (!(await first(em, Node, { name: node, role: 'hypervisor' }))) throw new Refusal(`there is no hypervisor ${node}`);
  if (await first(em, VmidSlot, { vmid })) throw new Refusal(`VMID ${vmid} lies in the pool for guests`);
}

function templateName(text: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,59}$/.test(text)) return text;
  throw new Misuse(`'${text}' is not a template's name like debian-12`);
}

export const templateCommands = [list, add, disable];
