import { findGuest } from './find-guest.ts';
import { expect, type Proof } from './proof.ts';

/** Proxmox has the guest: running, of the size that was bought, marked as the CloudPod's. */
export const guest: Proof = async (subject) => {
  const { hostname, podId, size } = subject.purchase;
  const { proxmox, vm, config, address } = await findGuest(subject);
  const status = await proxmox.status(vm);
  expect(status === 'running', `guest ${vm.vmid} on ${vm.node} is ${status}`);
  const mark = String(config.description).trim();
  expect(mark === `mpanel:${podId}`, `guest ${vm.vmid} is marked "${mark}", not mpanel:${podId}`);
  const found = [
    `${config.cores} cores`,
    `${config.memory} MiB`,
    `${/size=(\w+)/.exec(String(config.scsi0))?.[1]} disk`,
  ];
  const bought = [`${size.cores} cores`, `${size.memoryMb} MiB`, `${size.diskGb}G disk`];
  expect(`${found}` === `${bought}`, `guest ${vm.vmid} has ${found.join(', ')}, not ${bought.join(', ')}`);
  return `VM ${vm.vmid} on ${vm.node} is running: ${hostname}, ${found.join(', ')}, ${address}`;
};
