import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import pg from 'pg';
import type { Deps } from '../../../activities/deps.ts';
import { createActivities } from '../../../activities/index.ts';
import { bootstrap } from '../../../api/bootstrap.ts';
import { openAsOwner, openDatabase } from '../../../db/config.ts';
import { Customer, Job, Tenant } from '../../../db/entities/index.ts';
import { createKey, createRequest } from '../../../providers/acme/csr.ts';
import { createProviders } from '../../../providers/index.ts';
import { createMailHost } from '../../../providers/mailhost/client.ts';
import { type Config, keyRing, loadConfig } from '../../../runtime/config.ts';
import { newId } from '../../../runtime/ids.ts';
import type { Runs } from '../../../runtime/runs.ts';
import { createSeal, type Seal } from '../../../runtime/seal.ts';
import { type Running, type StandIn, type Start, standIn } from '../../../sandbox/lib/stand-in.ts';
import { Store } from '../../../sandbox/lib/store.ts';
import type { Activities } from '../../../workflows/contract.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { startStandIn } from '../../support/sandbox.ts';
import { openGate } from './gate.ts';
import { type Memory, memorize } from './memory.ts';

/** No step of a saga looks at runs. */
const noRuns: Runs = {
  open: () => {
    throw new Error('no engine');
  },
  read: () => Promise.reject(new Error('no engine')),
};

/** In this order, as each is told the settings of those before it. */
const STAND_INS = ['powerdns', 'proxmox', 'registrar', 'acme', 'stripe', 'mail', 'vies'] as const;
type StandInName = (typeof STAND_INS)[number];

/** Everything that is asked over a wire, and so can be cut off. */
export const SYSTEMS = [
  'vies',
  'proxmox',
  'powerdns',
  'registrar',
  'acme',
  'stripe',
  'mail',
  'database',
  'mail database',
] as const;
export type System = (typeof SYSTEMS)[number];

export interface Hands {
  activities: Activities;
  deps: Deps;
  close(): Promise<void>;
}

/** What the runs of a test file happen in. */
export interface World {
  readonly config: Config;
  /** What the stand-ins say of where they are. */
  readonly env: Readonly<Record<string, string>>;
  readonly seal: Seal;
  readonly tenantId: string;
  readonly customerId: string;
  /** A unit of work past the door. */
  em(): EntityManager;
  /** Rows of our database, or of the mail host's; several statements may stand in one text. */
  rows<T>(text: string): Promise<T[]>;
  mailRows<T>(text: string): Promise<T[]>;
  /** All that a worker acts with; guarded ones ask the databases through the doors that faults close. */
  hands(guarded: boolean): Hands;
  /** Fault switches and request log of a system. */
  self(system: string): StandIn;
  running(system: StandInName): Running;
  /** What everything was at first. */
  first(): Memory;
  /** Takes every fault away. */
  mend(): void;
  close(): Promise<void>;
}

/**
 * One database and one set of stand-ins for all runs of a test file. Before each run both are made what they were before
 * the first (memory.ts), and the hands are new, as those of a worker that has just started.
 */
export async function openWorld(): Promise<World> {
  const [main, mail] = await Promise.all([freshDatabase(), freshDatabase({ empty: true })]);
  let env: Record<string, string> = { MAIL_DATABASE_URL: mail.url };
  const parts = new Map<string, Awaited<ReturnType<typeof startStandIn>>>();
  for (const name of STAND_INS) {
    const { start } = (await import(`../../../sandbox/${name}/index.ts`)) as { start: Start };
    const part = await startStandIn(name, start, { env });
    parts.set(name, part);
    env = { ...env, ...part.env };
  }
  const doors = {
    database: standIn('database', new Store(':memory:')),
    'mail database': standIn('mail database', new Store(':memory:')),
  };
  const gates = {
    database: await openGate(doors.database, main.url),
    mail: await openGate(doors['mail database'], mail.url),
  };
  const config = loadConfig({
    ...env,
    DATABASE_URL: main.url,
    JWT_SECRET: randomBytes(32).toString('hex'),
    SEAL_KEY: randomBytes(32).toString('base64'),
    ADMIN_PASSWORD: 'a long enough password',
    SEED: 'demo',
    RETRY_SCALE: '0.001',
    // Whatever listens on all addresses of this machine listens on those of guests too.
    GUARDIAN_PORTS: '80,1433,5900,6379,11211,27017',
    LOG_LEVEL: 'silent',
  });
  const [owner, straight, gated] = [
    await openAsOwner({ url: main.url, pool: 4 }),
    await openDatabase({ url: main.url, pool: 4 }),
    await openDatabase({ url: gates.database.url, pool: 4 }),
  ];
  const pools = {
    main: new pg.Pool({ connectionString: main.url, max: 2 }),
    mail: new pg.Pool({ connectionString: mail.url, max: 2 }),
  };
  const seal = createSeal(keyRing(config));
  await bootstrap(straight.em.fork(), config);
  const mailSchema = createMailHost({ databaseUrl: mail.url });
  await mailSchema.migrate();
  await mailSchema.close();

  function hands(guarded: boolean): Hands {
    const orm = guarded ? gated : straight;
    const providers = createProviders({ ...config, MAIL_DATABASE_URL: guarded ? gates.mail.url : mail.url });
    const deps = {
      em: () => orm.em.fork(),
      config,
      seal,
      pki: { createKey, createRequest },
      ...providers,
      runs: noRuns,
    };
    return {
      deps,
      activities: createActivities(deps),
      async close() {
        await Promise.all([providers.registrar.close(), providers.mailhost.close()]);
        providers.mailer.close();
      },
    };
  }

  const part = (name: string): StandIn => parts.get(name)?.self ?? doors[name as keyof typeof doors];
  const running = (name: StandInName): Running => parts.get(name)!.running;
  const em = () => owner.em.fork();

  const world: World = {
    config,
    env,
    seal,
    em,
    rows: async <T>(text: string): Promise<T[]> => (await pools.main.query(text)).rows as T[],
    mailRows: async <T>(text: string): Promise<T[]> => (await pools.mail.query(text)).rows as T[],
    hands,
    self: part,
    running,
    ...(await people(em())),
    first: () => memory,
    mend,
    async close() {
      await Promise.all([
        owner.close(true),
        straight.close(true),
        gated.close(true),
        pools.main.end(),
        pools.mail.end(),
      ]);
      for (const gate of Object.values(gates)) await gate.close();
      for (const name of STAND_INS.toReversed()) await parts.get(name)!.close();
      for (const door of Object.values(doors)) door.store.close();
      await Promise.all([main.drop(), mail.drop()]);
    },
  };
  function mend(): void {
    for (const system of SYSTEMS) part(system).faults.clear();
  }

  await writeZones(world);
  const memory: Memory = await memorize(world);
  return world;
}

/** The house's own zones, seeded as rows, brought to the name server. */
async function writeZones(world: Pick<World, 'em' | 'hands'>): Promise<void> {
  const { activities, close } = world.hands(false);
  for (const job of await world.em().find(Job, { type: 'dns_apply' })) {
    const ref = { jobId: job.id, tenantId: job.tenantId, targetId: job.targetId, type: 'dns_apply' as const };
    await activities.applyZone({ ...ref, customerId: null, orderId: null, step: 'write zone', phase: 'do' });
    await world.em().nativeUpdate(Job, { id: job.id }, { status: 'completed' });
  }
  await close();
}

async function people(em: EntityManager) {
  const { id: tenantId } = await em.findOneOrFail(Tenant, { name: 'mpanel' });
  const customerId = newId();
  await em.insert(Customer, {
    id: customerId,
    tenantId,
    name: 'Ann Example',
    email: 'ann@customers.test',
    phone: '+1-555-1234567',
    address: { line1: 'Road 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
  });
  return { tenantId, customerId };
}
