import { type ProxmoxApi, proxmoxApi, type Vm } from '../wire/proxmox.ts';
import { expect, need, type Subject } from './proof.ts';

export interface FoundGuest {
  proxmox: ProxmoxApi;
  vm: Vm;
  config: Record<string, string | number>;
  /** IPv4 of its first network card. */
  address: string;
}

/** The one guest with the host name that was ordered, as Proxmox tells it. */
export async function findGuest({ env, purchase }: Subject): Promise<FoundGuest> {
  const proxmox = proxmoxApi(
    need(env, 'PROXMOX_URL'),
    need(env, 'PROXMOX_TOKEN_ID'),
    need(env, 'PROXMOX_TOKEN_SECRET'),
  );
  const [vm, ...others] = await proxmox.named(purchase.hostname);
  expect(vm !== undefined, `there is no guest named ${purchase.hostname}`);
  expect(!others.length, `there are ${others.length + 1} guests named ${purchase.hostname}`);
  const config = await proxmox.config(vm);
  const address = /(?:^|,)ip=([\d.]+)\//.exec(String(config.ipconfig0))?.[1];
  expect(address !== undefined, `guest ${vm.vmid} has no address`);
  return { proxmox, vm, config, address };
}
