import { z } from 'zod';
import { ProviderError } from '../../core/errors.ts';
import type { Api } from './api.ts';
import { markOf } from './mark.ts';
import type { Proxmox } from './port.ts';
import * as shapes from './shapes.ts';
import { guestPath, readConfig } from './view.ts';
import type { At } from './whereabouts.ts';

const text = z.string().optional();
const rules = z.array(z.object({ type: z.string(), action: z.string(), enable: shapes.number.default(0), proto: text, dport: text })); // biome-ignore format: a shape
const options = z.object({ enable: shapes.number.default(0) });

export function firewall(api: Api, at: At): Pick<Proxmox, 'closePort'> {
  return {
    closePort: (guest, port, { mark, note }) =>
      at(guest, async (there) => {
        if (markOf((await readConfig(api, there)).description) !== mark) throw foreign(there.vmid);
        const base = `${guestPath(there)}/firewall`;
        const wanted = { type: 'in', action: 'DROP', proto: 'tcp', dport: String(port) };
        const [first] = (await api('GET', `${base}/rules`, rules)).filter(
          ({ type, enable, proto, dport }) =>
            type === 'in' && enable === 1 && proto === 'tcp' && dport === String(port),
        );
        if (first?.action !== 'DROP')
          await api('POST', `${base}/rules`, shapes.nothing, { ...wanted, enable: 1, pos: 0, comment: note });
        // Without it none of its rules counts. The policy stays as it is.
        if ((await api('GET', `${base}/options`, options)).enable !== 1)
          await api('PUT', `${base}/options`, shapes.nothing, {
            enable: true,
            policy_in: 'ACCEPT',
            policy_out: 'ACCEPT',
          });
      }),
  };
}

function foreign(vmid: number): ProviderError {
  const detail = `guest ${vmid} does not carry our mark`;
  return new ProviderError({ provider: 'proxmox', operation: 'close port', kind: 'conflict', detail });
}
