import { expect } from '@jest/globals';
import { Certificate } from '../../db/entities/index.ts';
import { openSecret } from '../../db/queries/secrets.ts';
import type { Stage } from '../laws/support/stages/index.ts';
import type { World } from '../laws/support/world.ts';
import { act, asked, cut, FOR_LONG, faults, guestOf, on, stageOf } from './support/trial.ts';

const pod = stageOf('cloudpod_provision', 'a virtual machine');
const container = stageOf('cloudpod_provision', 'a container');
const removal = stageOf('cloudpod_delete');
const backups = stageOf('addon_backup');
const disks = stageOf('addon_disk');
const RESIZE = '/resize$';
const renewal = stageOf('certificate_renew');
const withoutPlan = stageOf('addon_remove', 'BACKUP-DAILY');
const BACKUP = 'first backup';
const VZDUMP = 'vzdump$';
const HOUR_MS = 3_600_000;
let before = 0;
const VERIFY = 'verify by TLS handshake';
const CLONE = '^POST .*/clone$';
const DELETE = '^DELETE .*/qemu/\\d+$';
const always = { times: FOR_LONG };

const guests = (world: World) =>
  (world.running('proxmox').state() as { guests: { vmid: string; config: Record<string, string> }[] }).guests;
const ours = async (world: World, verb: string, more: object = {}) => {
  const { vmid } = await guestOf(world);
  return act('proxmox', verb, { vmid: String(vmid), ...more })(world);
};
/** Somebody else's guest under the VMID that ours is to have, or had. */
const plantForeign = (world: World) => ours(world, 'plant-guest', { node: 'pve2', name: 'foreign', running: true });
const foreign = (world: World) => guests(world).filter(({ config }) => config.name === 'foreign').length;

/** What it serves, and what it served before it was renewed. */
interface Pair {
  cert: string;
  key: string;
}
async function pairOf(world: World, domain: string): Promise<Pair> {
  const em = world.em();
  const { chain, keySecretId } = await em.findOneOrFail(Certificate, { domain });
  return { cert: chain!, key: await openSecret(em, world.seal, keySecretId!) };
}

let former: Pair;
/** A renewal whose predecessor is remembered. */
const renewed: Stage = {
  saga: 'certificate_renew',
  async arrange(scene) {
    const ask = await renewal.arrange(scene);
    former = await pairOf(scene.world, podName(scene.world));
    return ask;
  },
};
const podName = ({ config }: World) => `law.pods.${config.PLATFORM_DOMAIN}`;
/** Powered on, a guest serves what its files hold. */
const restarted = (world: World) => ours(world, 'start-guest');

faults('proxmox', {
  'clone-answer-lost': { stage: pod, at: 'create guest', strike: cut('proxmox', CLONE, 'after'), end: 'delivered' },
  'create-answer-lost': {
    stage: container,
    at: 'create guest',
    strike: cut('proxmox', '^POST .*/lxc$', 'after'),
    end: 'delivered',
  },
  'proxy-596': { stage: pod, at: 'create guest', strike: on('proxmox', CLONE, 'proxy-timeout-596'), end: 'delivered' },
  'upid-vanished': { stage: pod, at: 'create guest', strike: on('proxmox', CLONE, 'upid-vanishes'), end: 'delivered' },
  'unexpected-status': {
    stage: pod,
    at: 'create guest',
    strike: on('proxmox', CLONE, 'task-unexpected-status'),
    end: 'delivered',
  },
  'ok-not-started': {
    stage: pod,
    at: 'start',
    strike: on('proxmox', 'status/start$', 'task-ok-not-done'),
    end: 'delivered',
  },
  'ok-not-made': { stage: pod, at: 'create guest', strike: on('proxmox', CLONE, 'task-ok-not-done'), end: 'delivered' },
  'ok-not-destroyed': {
    stage: removal,
    at: 'destroy guest',
    strike: on('proxmox', DELETE, 'task-ok-not-done'),
    end: 'delivered',
  },
  'task-fails': {
    stage: pod,
    at: 'create guest',
    strike: on('proxmox', CLONE, 'task-fails', { data: "clone failed: can't lock file 'x' - got timeout" }),
    end: 'delivered',
  },
  'lock-for-a-while': {
    stage: pod,
    at: 'configure',
    strike: on('proxmox', '^(PUT|POST) .*/config$', 'lock-held', { data: { lock: 'backup', forMs: 1 } }),
    end: 'delivered',
  },
  'lock-for-minutes': {
    stage: pod,
    at: 'configure',
    strike: on('proxmox', '^(PUT|POST) .*/config$', 'lock-held', { data: { lock: 'backup', forMs: 300_000 } }),
    end: 'blocked',
    reason: /is locked \(backup\)/,
    mend: (world) => ours(world, 'set-config', { config: { lock: null } }),
  },
  'stale-lock': {
    stage: pod,
    at: 'configure',
    strike: (world) => ours(world, 'set-config', { config: { lock: 'clone' } }),
    end: 'blocked',
    reason: /is locked \(clone\)/,
    mend: (world) => ours(world, 'set-config', { config: { lock: null } }),
  },
  'flock-timeout': {
    stage: pod,
    at: 'configure',
    strike: on('proxmox', '/config$', 'flock-timeout', { times: 2 }),
    end: 'delivered',
  },
  'flock-for-minutes': {
    stage: pod,
    at: 'start',
    strike: on('proxmox', 'status/start$', 'flock-timeout', always),
    end: 'blocked',
    reason: /can't lock file .* got timeout/,
  },
  'guest-moved': {
    stage: pod,
    at: 'start',
    strike: on('proxmox', 'status/start$', 'guest-moves'),
    end: 'delivered',
  },
  'guest-moved-before-delete': {
    stage: removal,
    at: 'destroy guest',
    strike: (world) => ours(world, 'move-guest', { node: 'pve2' }),
    end: 'delivered',
  },
  'foreign-vmid': {
    stage: pod,
    at: 'create guest',
    strike: plantForeign,
    end: 'delivered',
    but: /\b20000\b|\b20001\b|^. held VMID /,
    also: async (world) => {
      expect(foreign(world)).toBe(1);
      const { id, vmid } = await guestOf(world);
      expect(
        guests(world)
          .filter(({ config }) => config.description?.includes(id))
          .map((guest) => guest.vmid),
      ).toEqual([String(vmid)]);
    },
  },
  'vmid-reused': {
    stage: removal,
    at: 'destroy guest',
    strike: async (world) => {
      await ours(world, 'destroy-guest');
      await plantForeign(world);
    },
    end: 'delivered',
    but: /^. proxmox (guest|volume|edge)/,
    also: (world) => expect(foreign(world)).toBe(1),
  },
  'quorum-lost': {
    stage: pod,
    at: 'create guest',
    strike: on('proxmox', '.', 'quorum-lost', always),
    end: 'blocked',
    reason: /no quorum/,
  },
  'node-down': {
    stage: pod,
    at: 'create guest',
    strike: on('proxmox', '/nodes/', 'node-down', always),
    end: 'blocked',
    reason: /No route to host/,
  },
  'node-down-deleting': {
    stage: removal,
    at: 'destroy guest',
    strike: on('proxmox', '/nodes/', 'node-down', always),
    end: 'blocked',
    reason: /No route to host/,
  },
  'unreachable-deleting': {
    stage: removal,
    at: 'destroy guest',
    strike: cut('proxmox', '.', 'before', FOR_LONG),
    end: 'blocked',
    reason: /./,
  },
  'storage-full': {
    stage: pod,
    at: 'create guest',
    strike: on('proxmox', CLONE, 'storage-full', always),
    end: 'blocked',
    reason: /space/,
  },
  'backup-fails': {
    stage: backups,
    at: 'first backup',
    strike: on('proxmox', 'vzdump$', 'storage-full', always),
    end: 'blocked',
    reason: /job errors/,
  },
  'backup-queued': {
    stage: backups,
    at: BACKUP,
    // Longer than an attempt of these runs: the next one finds the first one's task.
    strike: (world) => {
      before = asked(world, 'proxmox', VZDUMP);
      on('proxmox', VZDUMP, 'backup-queued', { data: { forMs: 2_000 } })(world);
    },
    end: 'delivered',
    also: (world) => expect(asked(world, 'proxmox', VZDUMP) - before).toBe(1),
  },
  'backup-queue-left': {
    stage: backups,
    at: BACKUP,
    strike: on('proxmox', VZDUMP, 'backup-queued', { data: { forMs: 4 * HOUR_MS } }),
    end: 'delivered',
  },
  'ok-not-grown': {
    stage: pod,
    at: 'configure',
    strike: on('proxmox', RESIZE, 'task-ok-not-done'),
    end: 'delivered',
  },
  'ok-disk-not-added': {
    stage: disks,
    at: 'grow disk',
    strike: on('proxmox', RESIZE, 'task-ok-not-done'),
    end: 'delivered',
  },
  'ok-not-backed-up': {
    stage: backups,
    at: BACKUP,
    strike: on('proxmox', VZDUMP, 'task-ok-not-done'),
    end: 'delivered',
  },
  'ok-backup-not-removed': {
    stage: withoutPlan,
    at: 'delete backups',
    strike: on('proxmox', '^DELETE .*/content/', 'task-ok-not-done'),
    end: 'delivered',
  },
  'agent-silent': {
    stage: pod,
    at: 'deploy certificate',
    strike: on('proxmox', '/agent/', 'agent-never-answers', always),
    end: 'blocked',
    reason: /./,
  },
  'edge-not-trusted': {
    stage: pod,
    at: VERIFY,
    strike: async (world) => ours(world, 'break-edge', { name: podName(world) }),
    end: 'blocked',
    reason: /SELF_SIGNED_CERT/,
    mend: restarted,
  },
  'edge-old-certificate': {
    stage: renewed,
    at: VERIFY,
    strike: (world) => ours(world, 'break-edge', { ...former }),
    end: 'blocked',
    reason: /serves serial/,
    mend: restarted,
  },
  'edge-silent': {
    stage: pod,
    at: VERIFY,
    strike: (world) => ours(world, 'stop-guest'),
    end: 'blocked',
    reason: /no answer/,
    mend: restarted,
  },
});
