import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PartName } from '../../scripts/launch/context.ts';
import { withClient } from '../../scripts/launch/database.ts';
import { type Platform, startPlatform } from '../../scripts/launch/platform.ts';
import { RECONCILE } from '../../workflows/catalog.ts';
import type { DriftReport } from '../../workflows/contract.ts';
import { type PlacedOrder, signIn } from '../support/client.ts';
import { until } from '../support/until.ts';
import { withEngine } from './stage/engine.ts';
import { openStage, type Stage } from './stage/index.ts';
import type { System } from './stage/outside.ts';
import { press, shop } from './stage/shop.ts';

const PRICE = 999 + 999;
const PARTS: readonly PartName[] = ['workers', 'api', 'sandbox', 'temporal', 'postgres'];
const newDir = (name: string) => mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), `${name}-`));

/** A command as npm runs it; its words on either output. */
async function run(script: string, args: string[], env: Record<string, string>) {
  const { PATH, HOME, TEMPORAL_CLI_PATH } = process.env;
  const child = promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    env: { PATH, HOME, TEMPORAL_CLI_PATH, ...env },
  });
  return child.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  );
}
const backup = (DATA_DIR: string, to: string) =>
  run('scripts/with-database.ts', ['scripts/backup.ts', '--to', to], { DATA_DIR });
const restore = (DATA_DIR: string, from: string, env: Record<string, string> = {}) =>
  run('scripts/restore.ts', ['--from', from], { DATA_DIR, ...env });

describe('a backup made with orders in flight', () => {
  let stage: Stage;
  let orders: (PlacedOrder & { host: string; domain: string })[];
  let dir: string;
  let machine: string;
  /** Where the third is paid, after the backup. */
  let page: string;
  let platform: Platform | undefined;

  async function order() {
    const domain = stage.name();
    const host = `www.${domain}`;
    const placed = await stage.place(await stage.customer(), [stage.domain(domain), stage.pod(host)]);
    return { ...placed, host, domain };
  }

  beforeAll(async () => {
    stage = await openStage({ ownServers: true });
    const slow: [System, string][] = [
      ['proxmox', '^(POST|PUT) '],
      ['powerdns', '^PATCH '],
      ['acme', '^POST '],
    ];
    const delay = { phase: 'after' as const, action: { kind: 'delay' as const, ms: 250 }, times: null };
    for (const [system, match] of slow) await stage.outside.fault(system, { match, ...delay });
    orders = [await order(), await order(), await order()];
    const [first, second, third] = orders;
    await stage.pay(first?.invoice.id ?? '');
    await stage.pay(second?.invoice.id ?? '');
    page = await stage.checkout(third?.invoice.id ?? '');
    const certificate = () => stage.world.certificateOrders(first?.host ?? '');
    await until('the first certificate is ordered', async () => (await certificate()).length > 0, 60_000);
    dir = join(newDir('backups'), 'one');
    machine = newDir('machine');
  }, 240_000);
  afterAll(async () => {
    await platform?.stop();
    await stage?.close();
  }, 60_000);

  test('is written while everything goes on, whole, and without keys', async () => {
    const { code, said } = await backup(stage.platform.dataDir, dir);
    expect({ code, said }).toEqual({
      code: 0,
      said: expect.stringMatching(/Backup of \d+ files, .*seal key [0-9a-f]{8}/s),
    });
    expect(readdirSync(dir).sort()).toEqual(['manifest.json', 'postgres', 'temporal.db']);
    expect(existsSync(`${dir}.partial`)).toBe(false);
    const { SEAL_KEY = '' } = stage.platform.env;
    for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.json') || name.endsWith('.conf'))
        expect(readFileSync(join(dir, name), 'utf8')).not.toContain(SEAL_KEY);
  }, 300_000);

  test('is not written over another', async () => {
    expect(await backup(stage.platform.dataDir, dir)).toEqual({
      code: 1,
      said: expect.stringContaining('is not empty'),
    });
  }, 60_000);

  test('is refused without its keys, damaged, half written, or where there is something', async () => {
    const refused = async (from: string, why: string, env: Record<string, string> = {}, to = newDir('machine')) => {
      const { code, said } = await restore(to, from, env);
      expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining(why) });
    };
    const { SEAL_KEY = '' } = stage.platform.env;
    await refused(dir, 'needs the seal key');
    await refused(newDir('nothing'), 'is no backup');
    await refused(dir, 'mpanel is running on', { SEAL_KEY }, stage.platform.dataDir);
    const taken = newDir('machine');
    mkdirSync(join(taken, 'postgres'));
    await refused(dir, 'is not empty (postgres)', { SEAL_KEY }, taken);
    const other = join(newDir('backups'), 'other');
    cpSync(dir, other, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(other, 'manifest.json'), 'utf8'));
    const changed = (change: object) =>
      writeFileSync(join(other, 'manifest.json'), JSON.stringify({ ...manifest, ...change }));
    changed({ temporal: '1.0.0' });
    await refused(other, 'is of Temporal 1.0.0', { SEAL_KEY });
    changed({ postgres: { ...manifest.postgres, major: 9 } });
    await refused(other, 'is of PostgreSQL 9', { SEAL_KEY });
    changed({ schema: [...manifest.schema, 'Migration29990101000000_later'] });
    await refused(other, 'is of a newer mpanel', { SEAL_KEY });
    changed({});
    truncateSync(join(other, 'temporal.db'), 4096);
    const cutOff = newDir('machine');
    await refused(other, 'is damaged: temporal.db', { SEAL_KEY }, cutOff);
    const start = startPlatform({ env: { DATA_DIR: cutOff, PORT: '0' }, only: ['postgres'], say: () => {} });
    await expect(start).rejects.toThrow('was cut off');
    expect((await restore(cutOff, dir, { SEAL_KEY })).code).toBe(0);
  }, 300_000);

  test('brings all of it to its end on an empty machine, though much has happened since', async () => {
    const [first, second, third] = orders;
    // What the backup does not know: two orders are finished, one is paid and delivered.
    await Promise.all((['proxmox', 'powerdns', 'acme'] as const).map(stage.outside.mend));
    await stage.ended(first!.order.id, 60_000);
    await stage.ended(second!.order.id, 60_000);
    await press(page, 'pay');
    await stage.ended(third!.order.id, 60_000);
    // And what no run of it will look at: an order nobody knows of, and somebody's hands at the providers.
    const later = await stage.place(await stage.customer(), [stage.pod(undefined, { sku: 'CPOD-CT' })]);
    await stage.pay(later.invoice.id);
    await stage.ended(later.order.id, 60_000);
    const unknown = await stage.world.guestOf(later.order.items[0]?.resourceId ?? '');
    await Promise.all(PARTS.map(stage.platform.kill));

    const { SEAL_KEY = '', PORT = '' } = stage.platform.env;
    renameSync(join(stage.platform.dataDir, 'sandbox'), join(machine, 'sandbox'));
    const { code, said } = await restore(machine, dir, { SEAL_KEY });
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('Restored') });
    const quick = {
      RETRY_SCALE: '0.02',
      LOG_LEVEL: 'warn',
      SANDBOX_SPEED: '0',
      STAND_INS: 'mail',
      SEED: 'demo',
      RECONCILE_SECONDS: '0',
    };
    const { PATH, HOME, TEMPORAL_CLI_PATH } = process.env;
    platform = await startPlatform({
      env: { PATH, HOME, TEMPORAL_CLI_PATH, DATA_DIR: machine, PORT, SEAL_KEY, ...quick },
      say: () => {},
    });

    const admin = await signIn(platform.url, { email: 'admin@mpanel.test', password: 'e2e-password-1' });
    const { ended, children } = await shop(admin);
    for (const { order, invoice, host, domain } of orders) {
      const { status, jobId } = await ended(order.id, 90_000);
      const undone = (await children(jobId)).flatMap(({ type, reason }) => (reason ? [`${type}: ${reason}`] : []));
      expect({ status, undone }).toEqual({ status: 'active', undone: [] });
      const { tasks } = await stage.outside.state<{ tasks: { type: string; work: { args: { newid?: string } } }[] }>(
        'proxmox',
      );
      const guest = await stage.world.guestOf(order.items.find(({ type }) => type === 'cloudpod')?.resourceId ?? '');
      expect(tasks.filter(({ type, work }) => type === 'qmclone' && work.args.newid === guest.vmid)).toHaveLength(1);
      expect(await stage.world.money(invoice.id)).toEqual({ charged: [PRICE], refunded: [] });
      const { ledger } = await stage.outside.state<{ ledger: { name: string }[] }>('registrar');
      expect(ledger.filter(({ name }) => name === domain)).toHaveLength(1);
      const valid = (await stage.world.certificateOrders(host)).filter(({ status }) => status === 'valid');
      // A certificate whose key went with the rows is asked for again; no CA can be asked for one by name.
      expect([1, 2]).toContain(valid.length);
    }
    expect((await stage.world.guests()).length).toBe(orders.length + 1);

    // The reconciler brings in line what no run looks at, and shows what only a person can decide.
    const stopped = await stage.world.guestOf(
      first!.order.items.find(({ type }) => type === 'cloudpod')?.resourceId ?? '',
    );
    await stage.outside.act('proxmox', 'stop-guest', { vmid: stopped.vmid });
    const zone = `${second!.domain}.`;
    await stage.outside.act('powerdns', 'delete-record', { zone, name: `${second!.host}.`, type: 'A' });
    const { env } = platform;
    const findings = () =>
      withClient(String(env.DATABASE_URL), async (client) => {
        const { rows } = await client.query<{ kind: string; subject: string; state: string }>(
          'select kind, subject, state from drift_finding order by kind',
        );
        return rows.map(({ kind, subject, state }) => `${kind} ${subject} ${state}`);
      });
    const cycle = (workflowId: string): Promise<DriftReport[]> =>
      withEngine(env, (workflow) => workflow.execute(RECONCILE, { workflowId, taskQueue: 'mpanel' }));
    expect((await cycle('after the restore')).filter(({ ok }) => !ok)).toEqual([]);
    await until('all of it is in line, or shown', async () => {
      const found = await findings();
      expect(new Set(found.map((finding) => finding.split(' ')[0]))).toEqual(
        new Set(['charge_unknown', 'guest_orphan', 'guest_stopped', 'record_foreign', 'record_missing']),
      );
      expect(found).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^charge_unknown pi_\w+ open$/),
          `guest_orphan ${unknown.vmid} open`,
          `guest_stopped ${stopped.vmid} repaired`,
          `record_missing ${second!.host}. A repaired`,
        ]),
      );
      return true;
    });
    expect(
      (await stage.world.guestOf(first!.order.items.find(({ type }) => type === 'cloudpod')?.resourceId ?? '')).running,
    ).toBeDefined();
    expect((await stage.world.records())[`${second!.host}. A`]).toHaveLength(1);
    const again = await cycle('and once more');
    expect(again.filter(({ ok, found }) => !ok || found > 0)).toEqual([]);
  }, 300_000);
});

test('a backup that was cut off leaves nothing that restore takes', async () => {
  const dataDir = newDir('platform');
  const platform = await startPlatform({
    env: { PATH: process.env.PATH, DATA_DIR: dataDir, PORT: '0' },
    only: ['postgres'],
    say: () => {},
  });
  try {
    const target = join(newDir('backups'), 'cut');
    const env = { ...(platform.env as Record<string, string>) };
    const child = execFile(process.execPath, ['scripts/backup.ts', '--to', target], { env });
    await until('it has begun', () => existsSync(join(`${target}.partial`, 'postgres')), 60_000);
    child.kill('SIGKILL');
    await until('it is gone', () => child.exitCode !== null || child.signalCode !== null);
    expect(existsSync(target)).toBe(false);
    expect((await restore(newDir('machine'), `${target}.partial`, env)).said).toContain('is no backup');
    // Where no more can be written half-way: here a limit on files, which the copy of the write-ahead log meets.
    const limited = ['-c', `ulimit -f 4096; exec "$0" scripts/backup.ts --to "${target}"`, process.execPath];
    const full = promisify(execFile)('sh', limited, { env });
    const sentence = `A file may not grow that large: cannot write ${target}.partial.\n`;
    await expect(full).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(new RegExp(`${sentence}$`)) });
    expect([existsSync(target), existsSync(`${target}.partial`)]).toEqual([false, false]);
    // The next one begins anew, and takes its place.
    expect((await backup(dataDir, target)).code).toBe(0);
    expect(existsSync(`${target}.partial`)).toBe(false);
    rmSync(target, { recursive: true });
  } finally {
    await platform.stop();
  }
}, 120_000);
