import { z } from 'zod';
import type { Api } from './api.ts';
import { TAG } from './mark.ts';
import type { GuestLine } from './port.ts';
import * as shapes from './shapes.ts';

const MIB = 2 ** 20;

// Of a guest on a node that does not answer little more than its id is told.
const lines = z.array(
  z.object({
    node: z.string(),
    vmid: shapes.number,
    type: z.enum(['qemu', 'lxc']),
    template: shapes.flag.default(false),
    name: z.string().default(''),
    status: z.string(),
    lock: z.string().optional(),
    tags: z.string().default(''),
    maxcpu: shapes.number.default(0),
    maxmem: shapes.number.default(0),
  }),
);

/** GET /cluster/resources: every guest that the token may see. */
export async function listGuests(api: Api): Promise<GuestLine[]> {
  const all = await api('GET', '/cluster/resources', lines, { type: 'vm' });
  return all
    .filter(({ template }) => !template)
    .map(({ node, vmid, type, name, status, lock, tags, maxcpu, maxmem }) => ({
      ...{ node, vmid, kind: type, name, lock },
      status: status === 'running' || status === 'stopped' ? status : 'unknown',
      tagged: tags.split(/[;, ]/).includes(TAG),
      cores: maxcpu,
      memoryMb: Math.round(maxmem / MIB),
    }));
}
