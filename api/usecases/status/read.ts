import { listProbes } from '../../../db/queries/probes.ts';
import { PROVIDERS } from '../../../runtime/config.ts';
import { VERSION } from '../../../runtime/version.ts';
import type { Context } from '../../context.ts';

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
  const seen = { ...(await outside(ctx)), queue: await queue(ctx), ...store() };
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

/** PostgreSQL also is the store that processes share, which the contract calls redis. This request has just read from it. */
function store() {
  const entry = { state: 'ok' as State, part: { plays: 'PostgreSQL', ageSeconds: 0 } };
  return { database: entry, redis: entry };
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
