import { reload } from './agent.ts';
import type { Effects } from './effects.ts';
import { PveError, paramError } from './error.ts';
import { type Guest, hold, isRunning, isTemplate, type Kind, keep, lockFile, look, short } from './guest.ts';
import { setKeys } from './identity.ts';
import { type Context, flag, type Params, type Routes } from './world.ts';

type Deed = 'start' | 'stop' | 'shutdown' | 'reboot' | 'reset' | 'suspend' | 'resume';

/** Lifelike milliseconds. */
const LASTS: Record<Deed, number> = {
  start: 1000,
  stop: 500,
  shutdown: 2000,
  reboot: 3000,
  reset: 300,
  suspend: 300,
  resume: 300,
};
const HA_TYPES: Partial<Record<Deed, string>> = { start: 'hastart', stop: 'hastop', shutdown: 'hastop' };

/** Starts a guest by a task of its own, now or when another task has made it. */
export function start(context: Context, guest: Guest, startAt?: number): string {
  return submit(context, guest, 'start', startAt);
}

function submit({ world, user, operation }: Context, guest: Guest, deed: Deed, startAt?: number): string {
  const managed = world.ha.has(`${guest.kind === 'lxc' ? 'ct' : 'vm'}:${guest.vmid}`) ? HA_TYPES[deed] : undefined;
  return world.tasks.start({
    node: guest.node,
    type:
      managed ?? `${guest.kind === 'lxc' ? 'vz' : 'qm'}${deed === 'suspend' && guest.kind === 'qemu' ? 'pause' : deed}`,
    id: guest.vmid,
    user,
    operation,
    lasts: LASTS[deed],
    fails: foresee(guest, deed),
    lock: { file: lockFile(guest.kind, guest.vmid), patience: 10_000 },
    work: { verb: deed, args: { vmid: guest.vmid } },
    ...(startAt === undefined ? {} : { startAt }),
  });
}

async function power(kind: Kind, deed: Deed, context: Context, params: Params): Promise<string> {
  if (flag(params, 'skiplock')) throw paramError({ skiplock: 'Only root may use this option.' });
  // The call itself waits for a container's lock; a VM's is waited for by the worker.
  const guest = kind === 'lxc' ? await hold(context, kind, params) : look(context, kind, params);
  refuse(guest, deed);
  return submit(context, guest, deed);
}

/** What PVE refuses at once; the rest it finds out in the task. */
function refuse(guest: Guest, deed: Deed): void {
  const name = `${short(guest.kind)} ${guest.vmid}`;
  if (deed === 'start') {
    if (guest.kind === 'lxc' && isRunning(guest)) throw new PveError(`${name} already running`);
    return;
  }
  const tolerant = guest.kind === 'qemu' && (deed === 'stop' || deed === 'shutdown');
  if (!isRunning(guest) && !tolerant)
    throw new PveError(`${deed === 'reboot' ? `VM ${guest.vmid}` : name} not running`);
}

/** What the worker will die of. */
function foresee(guest: Guest, deed: Deed): string | undefined {
  const { lock } = guest.config;
  if (deed === 'start' && isTemplate(guest))
    return `you can't start a ${guest.kind === 'lxc' ? 'CT' : 'vm'} if it's a template`;
  return lock ? `${short(guest.kind)} is locked (${lock})` : undefined;
}

/** Boots the guest on what its config, with everything that waited for this, now says. */
export function boot(guest: Guest): Guest {
  const { served: _served, ...ready } = setKeys({ ...guest, pending: {} }, guest.pending);
  const running = { since: Date.now(), pid: 100_000 + Number(guest.vmid), config: ready.config, paused: false };
  return reload({ ...ready, running })[0];
}

/** The guest powered off; changes that waited for this are in force. */
export function halt(guest: Guest): Guest {
  const { running: _running, ...rest } = guest;
  return setKeys({ ...rest, pending: {} }, guest.pending);
}

function deed(change: (guest: Guest) => Guest) {
  return {
    done(world: Context['world'], { vmid = '' }: Record<string, string>) {
      const guest = world.guests.get(vmid);
      if (!guest) throw new Error(`Configuration file for ${vmid} does not exist`);
      keep(world, change(guest));
    },
  };
}

export const powerEffects: Effects = {
  start: deed((guest) => {
    if (isRunning(guest)) throw new Error(`${short(guest.kind)} ${guest.vmid} already running`);
    return boot(guest);
  }),
  stop: deed(halt),
  shutdown: deed(halt),
  reboot: deed((guest) => boot(halt(guest))),
  reset: deed((guest) => (guest.running ? { ...boot({ ...guest, pending: {} }), pending: guest.pending } : guest)),
  suspend: deed((guest) => (guest.running ? { ...guest, running: { ...guest.running, paused: true } } : guest)),
  resume: deed((guest) => (guest.running ? { ...guest, running: { ...guest.running, paused: false } } : guest)),
};

const deeds: [Kind, Deed[]][] = [
  ['lxc', ['start', 'stop', 'shutdown', 'reboot', 'suspend', 'resume']],
  ['qemu', ['start', 'stop', 'shutdown', 'reboot', 'suspend', 'resume', 'reset']],
];

export const powerRoutes: Routes = Object.fromEntries(
  deeds.flatMap(([kind, list]) =>
    list.map((name) => [
      `POST /nodes/{node}/${kind}/{vmid}/status/${name}`,
      (context: Context, params: Params) => power(kind, name, context, params),
    ]),
  ),
);
