import { listProbes } from '../../../db/queries/probes.ts';
import { PROVIDERS } from '../../../runtime/config.ts';
import { VERSION } from '../../../runtime/version.ts';
import type { Context } from '../../context.ts';
import { storeWorks } from './shared-store.ts';

type State = 'ok' | 'down' | 'off' | 'unknown';
interface Part {
  plays: string;
  ageSeconds: number | null;
}

export const PARTS = ['database', 'redis', 'queue', 'proxmox', 'powerdns', 'registrar', 'acme', 'stripe', 'mail', 'smtp', 'vies'] as const; // biome-ignore format: a list
type Name = (typeof PARTS)[number];

const ENGINE_DEADLINE_MS = 1_000;

/** What the platform leans on. Database and engine are asked now; what a worker last saw of the others is told with its age. */
export async function readStatus(ctx: Context) {
  const seen = { ...(await outside(ctx)), queue: await queue(ctx), ...(await store(ctx)) };
  const pick = <T>(of: (entry: { state: State; part: Part }) => T) =>
    Object.fromEntries(PARTS.map((name) => [name, of(seen[name])])) as Record<Name, T>;
  return {
    version: VERSION,
    uptimeSeconds: Math.floor(process.uptime()),
    mode: ctx.config.MPANEL_MODE,
    dependencies: pick(({ state }) => state),
    parts: pick(({ part }) => part),
  };
}

/** The store that processes share for limits and live events, which the contract calls redis: PostgreSQL here. */
async function store(ctx: Context) {
  const part = { plays: 'PostgreSQL', ageSeconds: 0 };
  // This request has just read who asks.
  const database: State = 'ok';
  const redis: State = (await storeWorks(ctx)) ? 'ok' : 'down';
  return { database: { state: database, part }, redis: { state: redis, part } };
}

async function queue({ engine }: Context) {
  const part = { plays: 'Temporal', ageSeconds: 0 };
  try {
    await engine.ping(ENGINE_DEADLINE_MS);
    return { state: 'ok' as State, part };
  } catch {
    return { state: 'down' as State, part };
  }
}

async function outside({ em, config }: Context) {
  const probes = new Map((await listProbes(em)).map((probe) => [probe.name, probe]));
  const entries = PROVIDERS.map((name) => {
    if (config.PROVIDERS_OFF.includes(name))
      return [name, { state: 'off', part: { plays: 'nothing', ageSeconds: null } }];
    const probe = probes.get(name);
    const plays = config.STAND_INS.includes(name) ? 'stand-in' : 'configured';
    const ageSeconds = probe ? Math.max(0, (Date.now() - probe.checkedAt.getTime()) / 1000) : null;
    return [name, { state: !probe ? 'unknown' : probe.ok ? 'ok' : 'down', part: { plays, ageSeconds } }];
  });
  return Object.fromEntries(entries) as Record<Name, { state: State; part: Part }>;
}
