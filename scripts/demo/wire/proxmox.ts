import { callJson } from '../http.ts';

/** Where a VM is found. */
export interface Vm {
  node: string;
  vmid: number;
}

/** Proxmox VE's API with a token, read only. */
export interface ProxmoxApi {
  /** VMs of this name in the whole cluster. */
  named(name: string): Promise<Vm[]>;
  config(vm: Vm): Promise<Record<string, string | number>>;
  /** `running` or `stopped`. */
  status(vm: Vm): Promise<string>;
}

export function proxmoxApi(url: string, tokenId: string, secret: string): ProxmoxApi {
  const headers = { authorization: `PVEAPIToken=${tokenId}=${secret}` };
  async function get<T>(path: string): Promise<T> {
    return ((await callJson(`${url}/api2/json${path}`, { headers })) as { data: T }).data;
  }
  const at = ({ node, vmid }: Vm) => `/nodes/${node}/qemu/${vmid}`;
  return {
    named: async (name) =>
      (await get<(Vm & { name?: string })[]>('/cluster/resources?type=vm')).filter((vm) => vm.name === name),
    config: (vm) => get(`${at(vm)}/config`),
    status: async (vm) => (await get<{ status: string }>(`${at(vm)}/status/current`)).status,
  };
}
