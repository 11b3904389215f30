import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ProviderError } from '../../core/errors.ts';
import type { Api } from './api.ts';
import type { GuestRef, Proxmox } from './port.ts';
import * as shapes from './shapes.ts';
import { guestPath } from './view.ts';
import type { At } from './whereabouts.ts';

const started = z.object({ pid: shapes.number });
const execution = z.object({
  exited: shapes.flag,
  exitcode: shapes.number.optional(),
  signal: shapes.number.optional(),
  'out-data': z.string().optional(),
  'err-data': z.string().optional(),
});

const MAX_FILE = 60 * 1024;

/** The QEMU guest agent: virtual machines only, a container has none. */
export function agent(api: Api, at: At): Pick<Proxmox, 'agentPing' | 'agentWriteFile' | 'agentExec'> {
  async function finished(guest: GuestRef, pid: number, timeoutMs: number) {
    const deadline = Date.now() + timeoutMs;
    for (let pause = 100; ; pause = Math.min(pause * 2, 1000)) {
      const now = await api('GET', `${guestPath(guest)}/agent/exec-status`, execution, { pid });
      if (now.exited) return now;
      if (Date.now() + pause > deadline)
        throw failed('agentExec', 'unknown', `process ${pid} still runs after ${timeoutMs} ms`);
      await sleep(pause);
    }
  }

  return {
    async agentPing(guest) {
      try {
        await at(guest, (there) => api('POST', `${guestPath(there)}/agent/ping`, shapes.nothing));
        return true;
      } catch (error) {
        if (error instanceof ProviderError && error.kind === 'busy') return false;
        throw error;
      }
    },

    async agentWriteFile(guest, file, content) {
      if (content.length > MAX_FILE) throw failed('agentWriteFile', 'refused', `${file} is larger than 60 KiB`);
      await at(guest, (there) =>
        api('POST', `${guestPath(there)}/agent/file-write`, shapes.nothing, { file, content }),
      );
    },

    agentExec: (guest, command, timeoutMs) =>
      at(guest, async (there) => {
        const { pid } = await api('POST', `${guestPath(there)}/agent/exec`, started, { command });
        const end = await finished(there, pid, timeoutMs);
        // As a shell tells it: killed by a signal is 128 and the signal's number.
        const exitCode = end.exitcode ?? 128 + (end.signal ?? 0);
        return { exitCode, stdout: end['out-data'] ?? '', stderr: end['err-data'] ?? '' };
      }),
  };
}

const failed = (operation: string, kind: 'refused' | 'unknown', detail: string) =>
  new ProviderError({ provider: 'proxmox', operation, kind, detail });
