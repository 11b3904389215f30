import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createApp } from '../../api/app.ts';
import { bootstrap } from '../../api/bootstrap.ts';
import { createLive } from '../../api/realtime/live.ts';
import { drain, listen } from '../../api/server.ts';
import { openAsOwner, openDatabase } from '../../db/config.ts';
import { DnsZone, Image, IpAddress, Node, Product, Tenant, TldPrice, VmidSlot } from '../../db/entities/index.ts';
import { type Config, keyRing, loadConfig } from '../../runtime/config.ts';
import { DeadlineExceeded, type Delivery, type Engine, type Parcel } from '../../runtime/engine.ts';
import { newId } from '../../runtime/ids.ts';
import { createLogger } from '../../runtime/logger.ts';
import type { RunState } from '../../runtime/runs.ts';
import { createSeal } from '../../runtime/seal.ts';
import { freshDatabase } from '../support/postgres.ts';
import { holdToPromise } from '../support/promised.ts';

export const ADMIN = { email: 'root@mpanel.test', password: 'a long enough password' };
export const WEBHOOK_SECRET = 'whsec_0123456789abcdef';

/** The engine as the API sees it: what it is handed is written down, and it answers what the test says. */
export interface EngineDouble extends Engine {
  parcels: Parcel[];
  asked: { question: string; id: string; input: unknown }[];
  answer: (question: string, input: unknown) => unknown;
  delivery: () => Delivery | Promise<Delivery>;
  /** Of every run that is asked for. */
  state: RunState;
  down: boolean;
}

export function engineDouble(): EngineDouble {
  const double: EngineDouble = {
    parcels: [],
    asked: [],
    answer: () => new Promise(() => undefined),
    delivery: () => 'sent',
    state: { state: 'open' },
    down: false,
    async deliver(parcel, deadlineMs) {
      if (double.down) throw new Error('engine is down');
      double.parcels.push(parcel);
      const late = wait(deadlineMs, undefined, { ref: false }).then(() => Promise.reject(new DeadlineExceeded('late')));
      return Promise.race([double.delivery(), late]);
    },
    async ask<T>(question: string, id: string, input: unknown) {
      double.asked.push({ question, id, input });
      const answer = await double.answer(question, input);
      if (answer === 'late') throw new DeadlineExceeded('no answer');
      return answer as T;
    },
    async run() {
      if (double.down) throw new Error('engine is down');
      return double.state;
    },
    async ping() {
      if (double.down) throw new Error('engine is down');
    },
    client: () => Promise.reject(new Error('no client in a double')),
    close: async () => undefined,
  };
  return double;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // Tests look into answers by path; they have been checked against their schemas.
  // biome-ignore lint/suspicious/noExplicitAny: the schema check is the type check here
  body: any;
}

type Init = { body?: unknown; headers?: Record<string, string>; raw?: string | Buffer };

/** A caller: nobody, or somebody signed in. */
export type Caller = (method: string, path: string, init?: Init) => Promise<Answer>;

function callerOf(url: string, token?: string): Caller {
  return async (method, path, { body, headers = {}, raw } = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      ...(raw === undefined ? (body === undefined ? {} : { body: JSON.stringify(body) }) : { body: raw as string }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    const answer = {
      status: response.status,
      headers: response.headers,
      text,
      body: json && text ? JSON.parse(text) : undefined,
    };
    holdToPromise(method, path, answer);
    return answer;
  };
}

/** The API on a fresh database, with so many connections at most, and an administrator signed in. */
export async function startApi(env: Record<string, string> = {}, pool = 8) {
  const database = await freshDatabase();
  const [served, orm] = [
    await openDatabase({ url: database.url, pool }),
    await openAsOwner({ url: database.url, pool: 4 }),
  ];
  const environment = {
    DATABASE_URL: database.url,
    JWT_SECRET: randomBytes(32).toString('hex'),
    SEAL_KEY: randomBytes(32).toString('base64'),
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    LOG_LEVEL: 'error',
    RATE_LIMIT_ADDRESS: '100000',
    RATE_LIMIT_TENANT: '100000',
    RATE_LIMIT_LOGIN: '1000',
    ...env,
  };
  const config: Config = loadConfig(environment);
  const engine = engineDouble();
  const seal = createSeal(keyRing(config));
  await bootstrap(served.em.fork(), { ...config, ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password });
  const logger = createLogger('api', config.LOG_LEVEL);
  const live = createLive(config, logger);
  const app = createApp({ orm: served, config, engine, seal, logger, live });
  const { server, port } = await listen(app, { host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${port}`;
  const anyone = callerOf(url);

  async function signIn(login: { email: string; password: string }): Promise<Caller> {
    const { body } = await anyone('POST', '/api/auth/login', { body: login });
    return callerOf(url, body.token as string);
  }

  return {
    url,
    /** As the owner: tests look past the tenants. */
    orm,
    /** As the API itself asks. */
    served,
    config,
    engine,
    seal,
    live,
    anyone,
    signIn,
    withToken: (token: string) => callerOf(url, token),
    admin: await signIn(ADMIN),
    /** Another process on the same database; to be closed before this one. */
    async another(more: Record<string, string> = {}) {
      const own = await openDatabase({ url: database.url, pool: 4 });
      const ownLive = createLive(config, logger);
      const settings = loadConfig({ ...environment, ...more });
      const second = await listen(createApp({ orm: own, config: settings, engine, seal, logger, live: ownLive }), {
        ...{ host: '127.0.0.1', port: 0 },
      });
      const secondUrl = `http://127.0.0.1:${second.port}`;
      return {
        url: secondUrl,
        anyone: callerOf(secondUrl),
        withToken: (token: string) => callerOf(secondUrl, token),
        async close() {
          await ownLive.close();
          await drain(second.server);
          await own.close(true);
        },
      };
    },
    async close() {
      await live.close();
      await drain(server);
      await Promise.all([served.close(true), orm.close(true)]);
      await database.drop();
    },
  };
}
export type Api = Awaited<ReturnType<typeof startApi>>;

/** Something to sell and somewhere to put it, as a seed would leave it. */
export async function stock({ orm, config }: Api, capacity = 8) {
  const em = orm.em.fork();
  const tenant = await em.findOneOrFail(Tenant, { name: 'mpanel' });
  const tenantId = tenant.id;
  const sold = (type: Product['type'], sku: string, amount: number, metadata: Record<string, unknown>) =>
    em.create(Product, {
      id: newId(),
      tenantId,
      type,
      sku,
      name: sku,
      metadata,
      billingCycles: [
        { cycle: 'monthly', amount, currency: 'USD' },
        { cycle: 'yearly', amount: amount * 10, currency: 'USD' },
      ],
    });
  const products = {
    pod: sold('cloudpod', 'CPOD-MINI', 999, { kind: 'qemu', cpu: 2, ramMb: 2048, diskGb: 40, image: 'debian-12' }),
    domain: sold('domain', 'DOMAIN', 0, {}),
    email: sold('email', 'MAIL', 300, { quotaMb: 2048 }),
    ip: sold('addon', 'EXTRA-IP', 200, { kind: 'ip' }),
    disk: sold('addon', 'EXTRA-DISK', 150, { kind: 'disk', gb: 10 }),
    backup: sold('backup', 'BACKUP', 250, { schedule: '02:30', keep: 7 }),
  };
  em.create(Image, { id: newId(), name: 'debian-12', kind: 'qemu', title: 'Debian 12', node: 'pve1', vmid: 9000 });
  em.create(TldPrice, { tenantId, tld: 'com', register: 999, renew: 1099, transfer: 899, currency: 'USD' });
  em.create(Node, {
    id: newId(),
    name: 'pve1',
    role: 'hypervisor',
    ip: '127.64.0.1',
    status: 'online',
    lastHeartbeatAt: new Date(),
    cores: 64,
    memoryMb: 262_144,
    diskGb: 8_192,
  });
  for (let i = 0; i < capacity; i++) {
    em.create(VmidSlot, { vmid: 1000 + i });
    const net = `127.64.${1 + Math.floor(i / 250)}`;
    em.create(IpAddress, { address: `${net}.${1 + (i % 250)}`, family: 4, prefixLength: 24, gateway: `${net}.254` });
  }
  em.create(DnsZone, { id: newId(), tenantId, name: config.PLATFORM_DOMAIN, status: 'active' });
  await em.flush();
  return { tenantId, products };
}

export const PERSON = {
  name: 'John Doe',
  email: 'john@example.com',
  phone: '+1-555-1234',
  address: { line1: '123 Main St', city: 'Miami', state: 'FL', postalCode: '33101', country: 'US' },
};

/** A customer with a login of its own. */
export async function customerLogin(api: Api, person = PERSON) {
  const { body: customer } = await api.admin('POST', '/api/customers', { body: person });
  const login = { email: `login.${person.email}`, password: 'another long password' };
  await api.admin('POST', '/api/users', {
    body: { ...login, name: person.name, roles: ['customer'], customerId: customer.id },
  });
  return { customer: customer as { id: string }, call: await api.signIn(login) };
}
