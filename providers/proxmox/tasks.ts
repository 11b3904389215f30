import { z } from 'zod';
import { ProviderError } from '../../core/errors.ts';
import { type Api, path } from './api.ts';
import { sentenceKind } from './failure.ts';
import type { Proxmox, TaskStatus } from './port.ts';
import * as shapes from './shapes.ts';
import { parseUpid } from './upid.ts';

const status = z.object({ status: z.enum(['running', 'stopped']), exitstatus: z.string().optional() });
const list = z.array(z.object({ upid: shapes.upid, type: z.string(), starttime: shapes.number }));

export function tasks(api: Api): Pick<Proxmox, 'taskStatus' | 'findTask'> {
  return {
    async taskStatus(upid) {
      const task = parseUpid(upid);
      if (!task) return { state: 'lost' };
      try {
        const now = await api('GET', path`/nodes/${task.node}/tasks/${upid}/status`, status);
        return now.status === 'running' ? { state: 'running' } : ended(now.exitstatus);
      } catch (error) {
        if (error instanceof ProviderError && FORGOTTEN.test(error.detail)) return { state: 'lost' };
        throw error;
      }
    },

    async findTask(guest, type, since) {
      const found = await api('GET', path`/nodes/${guest.node}/tasks`, list, {
        vmid: guest.vmid,
        source: 'all',
        typefilter: type,
        since: Math.floor(since.getTime() / 1000),
      });
      const newest = found.filter((task) => task.type === type).sort((a, b) => b.starttime - a.starttime)[0];
      return newest?.upid;
    },
  };
}

// Its log was rotated away, or its node installed anew.
const FORGOTTEN = /no such task|unable to parse worker upid/;

// Left behind by a worker that was killed, or that never got to write how it ended.
const NO_RESULT = /^unexpected status|^unable to get last line from task log/;

/** From the exit status of a task that stopped (PVE::Tools upid_status_is_error). */
export function ended(exit: string | undefined): TaskStatus {
  if (exit === undefined || NO_RESULT.test(exit)) return { state: 'lost' };
  if (exit === 'OK' || /^WARNINGS: \d+$/.test(exit)) return { state: 'ok', exit };
  return { state: 'failed', exit, kind: sentenceKind(exit) };
}
