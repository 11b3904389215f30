import { z } from 'zod';
import { ProviderError } from '../../core/errors.ts';
import { type Api, path } from './api.ts';
import { markOf, markText } from './mark.ts';
import type { Proxmox } from './port.ts';
import * as shapes from './shapes.ts';
import type { At } from './whereabouts.ts';

const contents = z.array(
  z.object({
    volid: z.string(),
    vmid: shapes.number.optional(),
    size: shapes.number,
    ctime: shapes.number.optional(),
    protected: shapes.flag.optional(),
    notes: z.string().optional(),
  }),
);
const jobs = z.array(z.object({ id: z.string(), comment: z.string().optional() }));

type Backups = Pick<Proxmox, 'backup' | 'backups' | 'deleteBackup' | 'ensureBackupJob' | 'deleteBackupJob'>;

export function backups(api: Api, at: At): Backups {
  const content = (node: string, storage: string, vmid?: number) =>
    api('GET', path`/nodes/${node}/storage/${storage}/content`, contents, { content: 'backup', vmid });
  const job = async (id: string) => (await api('GET', '/cluster/backup', jobs)).find((known) => known.id === id);

  return {
    backup: (guest, storage, notes) =>
      at(guest, async ({ node, vmid }) => {
        const answer = await api('POST', path`/nodes/${node}/vzdump`, z.string(), {
          vmid,
          storage,
          mode: 'snapshot',
          compress: 'zstd',
          remove: false,
          'notes-template': notesTemplate(notes),
        });
        // A node that does not have the guest answers "OK" and backs up nothing.
        if (answer === 'OK') throw failed('backup', 'absent', `guest ${vmid} is not on ${node}`);
        return answer;
      }),

    async backups(node, storage, vmid) {
      return (await content(node, storage, vmid)).map((volume) => ({
        volid: volume.volid,
        vmid: volume.vmid ?? vmid,
        sizeBytes: volume.size,
        createdAt: new Date((volume.ctime ?? 0) * 1000),
        protected: volume.protected ?? false,
        notes: volume.notes ?? '',
      }));
    },

    async deleteBackup(node, storage, volid) {
      if (!(await content(node, storage)).some((volume) => volume.volid === volid)) return undefined;
      const answer = z.union([shapes.upid, z.null()]);
      return (await api('DELETE', path`/nodes/${node}/storage/${storage}/content/${volid}`, answer)) ?? undefined;
    },

    async ensureBackupJob(id, { vmid, storage, schedule, keep, mark, notes }) {
      const known = await job(id);
      if (known && markOf(known.comment) !== mark) throw failed('ensureBackupJob', 'conflict', `job ${id} is not ours`);
      const params = {
        vmid,
        storage,
        schedule,
        mode: 'snapshot',
        compress: 'zstd',
        enabled: true,
        'prune-backups': `keep-last=${keep}`,
        comment: markText(mark),
        'notes-template': notesTemplate(notes),
      };
      if (known) await api('PUT', path`/cluster/backup/${id}`, shapes.nothing, params);
      else await api('POST', '/cluster/backup', shapes.nothing, { id, ...params });
    },

    async deleteBackupJob(id) {
      if (await job(id)) await api('DELETE', path`/cluster/backup/${id}`, shapes.nothing);
    },
  };
}

// Backslashes are escapes there, and {{…}} is replaced.
const notesTemplate = (notes: string) => notes.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('{{', '{ {');

const failed = (operation: string, kind: 'absent' | 'conflict', detail: string) =>
  new ProviderError({ provider: 'proxmox', operation, kind, detail });
