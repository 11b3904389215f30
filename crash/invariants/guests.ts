import { duplicates } from './duplicates.ts';
import type { Evidence, Invariant } from './evidence.ts';

const HAS_GUEST = ['active', 'suspending', 'suspended'];

/** At Proxmox: one running guest for each CloudPod there is, no other, and no disk or backup plan of a guest that is not there. */
export const guests: Invariant = ({ told, outside: { proxmox } }) => {
  const found = proxmox.guests.filter(({ config }) => config.template !== '1');
  const marks = found.map(({ config }) => markOf(config.description));
  const pods = told.pods.filter(({ status }) => HAS_GUEST.includes(status));
  const ids = new Set(pods.map(({ id }) => id));
  return [
    ...found
      .filter((_, at) => !ids.has(marks[at] ?? ''))
      .map(({ vmid, config }) => `guest ${vmid} (${config.description ?? 'unmarked'}) is no CloudPod's`),
    ...duplicates(marks).map((id) => `CloudPod ${id} has several guests`),
    ...pods
      .filter(({ id }) => !marks.includes(id))
      .map(({ id, status }) => `CloudPod ${id} is ${status} and has no guest`),
    ...pods
      .filter(({ id, status }) => status === 'active' && !found.some((guest, at) => marks[at] === id && guest.running))
      .map(({ id }) => `CloudPod ${id} is active and its guest does not run`),
    ...sharedAddresses(found),
    ...leftovers(proxmox),
  ];
};

const markOf = (description = '') => /^mpanel:([0-9a-f-]{36})/.exec(description.trim())?.[1] ?? '';

function sharedAddresses(found: Evidence['outside']['proxmox']['guests']): string[] {
  const addresses = found.flatMap(({ config }) => /ip=([\d.]+)\//.exec(config.ipconfig0 ?? config.net0 ?? '')?.[1] ?? []);
  return duplicates(addresses).map((address) => `several guests have the address ${address}`);
} // biome-ignore format: one expression

function leftovers({ guests, volumes, jobs }: Evidence['outside']['proxmox']): string[] {
  const vmids = new Set(guests.map(({ vmid }) => vmid));
  const plans = jobs.flatMap(({ vmid }) => (vmid ? [vmid] : []));
  return [
    ...volumes
      .filter(({ vmid }) => vmid !== undefined && !vmids.has(vmid))
      .map(({ volid, vmid }) => `volume ${volid} is of guest ${vmid}, which is not there`),
    ...plans.filter((vmid) => !vmids.has(vmid)).map((vmid) => `a backup plan is for guest ${vmid}, which is not there`),
    ...duplicates(plans).map((vmid) => `guest ${vmid} has several backup plans`),
  ];
}
