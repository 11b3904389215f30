import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { outside } from '../../scripts/stage/outside.ts';
import { shop } from '../e2e/stage/shop.ts';
import { world } from '../e2e/stage/world.ts';
import { type Client, type PlacedOrder, signIn } from '../support/client.ts';
import { until } from '../support/until.ts';
import { anyAlive, killAll, type Launched, launch, newDataDir, pids } from './launcher.ts';

const SETTINGS = {
  ...{ SEED: 'demo', ADMIN_EMAIL: 'first@mpanel.test' },
  ...{ SANDBOX_SPEED: '0', RETRY_SCALE: '0.02', LOG_LEVEL: 'warn', RECONCILE_SECONDS: '0' },
};
const PRICE = 499;

/** What npm start runs, with an order in the middle of being delivered each time that it is killed. */
describe('npm start, killed with an order in flight', () => {
  const DATA_DIR = newDataDir();
  const launched: Launched[] = [];
  let run: Awaited<ReturnType<Launched['ready']>>;
  let login: { email: string; password: string };
  let admin: Client;
  afterAll(async () => {
    await launched.at(-1)?.stop();
  }, 60_000);

  async function start(): Promise<void> {
    const launcher = await launch({ DATA_DIR, ...SETTINGS }, 'scripts/start.ts');
    launched.push(launcher);
    run = await launcher.ready();
    login ??= printed(launcher)[0]!;
    admin = await signIn(String(run.parts.api?.url), login);
  }
  /** Each login that it shows with its password. */
  const printed = (launcher: Launched) =>
    [...launcher.output().matchAll(/administrator: (\S+) password: (\S+)/g)].map(([, email = '', password = '']) => ({
      email,
      password,
    }));
  const controls = () => outside(String(run.parts.sandbox?.controlUrl));
  const seen = () => world(controls(), {});

  /** Paid, and its guest is being made: each request to Proxmox takes its time. */
  async function inFlight(): Promise<PlacedOrder> {
    const slow = { phase: 'after' as const, action: { kind: 'delay' as const, ms: 500 }, times: null };
    await controls().fault('proxmox', { match: '^(POST|PUT) ', ...slow });
    const desk = await shop(admin);
    const placed = await desk.place(await desk.customer(), [desk.pod(undefined, { sku: 'CPOD-CT' })]);
    await desk.pay(placed.invoice.id);
    const before = (await seen().guests()).length;
    await until('its guest is being made', async () => (await seen().guests()).length > before, 30_000);
    expect(await desk.order(placed.order.id)).not.toMatchObject({ status: 'active' });
    return placed;
  }

  async function isDeliveredOnce({ order, invoice }: PlacedOrder): Promise<void> {
    await controls().mend('proxmox');
    const desk = await shop(admin);
    expect(await desk.ended(order.id, 60_000)).toMatchObject({ status: 'active' });
    const guest = await seen().guestOf(order.items[0]?.resourceId ?? '');
    const { tasks } = await controls().state<{ tasks: { type: string; id: string }[] }>('proxmox');
    expect(tasks.filter(({ type, id }) => type === 'vzcreate' && id === guest.vmid)).toHaveLength(1);
    expect(await seen().money(invoice.id)).toEqual({ charged: [PRICE], refunded: [] });
    const { email } = await admin.get<{ email: string }>(`/customers/${order.customerId}`);
    expect(await seen().mails(email)).toHaveLength(1);
  }

  test('prints the generated password at the first start, and brings up pages for people', async () => {
    await start();
    expect(printed(launched[0]!)).toEqual([{ email: 'first@mpanel.test', password: expect.stringMatching(/.{16}/) }]);
    expect(readFileSync(join(DATA_DIR, 'logs/api.log'), 'utf8')).not.toContain(login.password);
    const page = async (url: string) => (await fetch(url)).text();
    expect(await page(String(run.parts.api?.docsUrl))).toContain('<title>mpanel API</title>');
    expect(await page(String(run.parts.temporal?.uiUrl))).toContain('<div id="svelte">');
    expect(await page(`${run.parts.temporal?.uiUrl}/api/v1/namespaces`)).toMatch(/"name":\s*"default"/);
  }, 120_000);

  test('the launcher alone: the next start ends the orphans it left, and the order is delivered once', async () => {
    const placed = await inFlight();
    const orphans = pids(run);
    killAll([Number(launched.at(-1)?.child.pid), run.pid]);
    await launched.at(-1)?.exited;
    await start();
    expect(anyAlive(orphans)).toBe(false);
    await isDeliveredOnce(placed);
    expect(await seen().guests()).toHaveLength(1);
  }, 180_000);

  test('and everything it started: stale files are cleared away, and the order is delivered once', async () => {
    const placed = await inFlight();
    killAll([Number(launched.at(-1)?.child.pid), run.pid, ...pids(run)]);
    await launched.at(-1)?.exited;
    for (const left of ['run.json', 'processes.json', 'postgres/postmaster.pid'])
      expect([left, existsSync(join(DATA_DIR, left))]).toEqual([left, true]);
    giveItsPidAway(join(DATA_DIR, 'postgres/postmaster.pid'));
    await start();
    await isDeliveredOnce(placed);
    expect(await seen().guests()).toHaveLength(2);
    expect(await launched.at(-1)?.stop()).toBe(0);
    expect(anyAlive(pids(run))).toBe(false);
    for (const later of launched.slice(1)) expect(printed(later)).toEqual([]);
  }, 180_000);

  /** As if another program had got the number of the server that is gone. */
  function giveItsPidAway(file: string): void {
    const [, ...rest] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [process.pid, ...rest].join('\n'));
  }
});
