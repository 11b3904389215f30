import type { CheckName } from '../../../core/guardian.ts';
import { GuardianFinding, GuardianInstance, GuardianScan, Instance } from '../../../db/entities/index.ts';
import { newId } from '../../../runtime/ids.ts';
import { sceneOf } from '../../laws/support/scene.ts';
import { scanned } from '../../laws/support/stages/guardian.ts';
import { openWorld, type World } from '../../laws/support/world.ts';

type System = 'proxmox' | 'powerdns';

/** The house's Guardian among all stand-ins, with its activities as plain functions. */
export async function openWatch(allowedPorts = [22, 80, 443]) {
  const world = await openWorld();
  const hands = world.hands(false);
  const scene = sceneOf(world, hands);
  const { tenantId } = world;
  await ownNetwork(world);
  await world.em().insert(GuardianInstance, { id: newId(), tenantId, allowedPorts });

  /** A whole scan; answers it. */
  async function scan(): Promise<GuardianScan> {
    const id = await scene.done(await scanned(scene));
    return world.em().findOneOrFail(GuardianScan, { id });
  }

  /** Open findings of a check: kind, severity and what is said. */
  const open = (check: CheckName) =>
    world.em().find(GuardianFinding, { tenantId, check, state: 'open' }, { orderBy: { fingerprint: 'asc' } });

  return {
    world,
    hands,
    scene,
    tenantId,
    /** What somebody does outside, behind our back. */
    act: async (system: System, verb: string, body: object) =>
      world.running(system).acts?.[verb]?.(body as Record<string, unknown>),
    scan,
    open,
    /** Kinds and keys of what is open at a thing after a scan. */
    async seen(check: CheckName, resourceId: string): Promise<string[]> {
      await scan();
      const own = (await open(check)).filter((finding) => finding.resourceId === resourceId);
      return own.map(({ fingerprint, severity }) => `${severity} ${fingerprint.replace(`/${resourceId}`, '')}`);
    },
    finding: (id: string) => world.em().findOneOrFail(GuardianFinding, { id }),
    /** A delivered CloudPod. */
    async pod(name: string, sku = 'CPOD-MINI'): Promise<Instance> {
      const id = await scene.done(await scene.buy(sku, { name }));
      return world.em().findOneOrFail(Instance, { id });
    },
    async close() {
      await hands.close();
      await world.close();
    },
  };
}

/** Guests of one file that runs beside another must not answer at the other's addresses. */
async function ownNetwork(world: World): Promise<void> {
  const away = Number(process.env.JEST_WORKER_ID) * 2 ** 16;
  const moved = `address = address + ${away}, gateway = host(gateway::inet + ${away})`;
  await world.rows(`update ip_address set ${moved} where family = 4`);
}

export type Watch = Awaited<ReturnType<typeof openWatch>>;

export const told = (findings: GuardianFinding[]) => findings.map(({ kind, severity }) => `${kind} ${severity}`);

export const checkOf = (scan: GuardianScan, name: string) => scan.checks.find((check) => check.name === name);
