import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { settings } from '../../runtime/config.ts';
import { played, settingsOf } from '../../scripts/launch/stand-ins.ts';
import { until } from '../support/until.ts';

/** What the mail host says besides, for whoever delivers to it and logs in. */
const FOR_CLIENTS = ['MAIL_MX_PORT', 'MAIL_POP3_ADDRESS'];

interface Endpoints {
  controlUrl: string;
  env: Record<string, Record<string, string>>;
  urls: Record<string, Record<string, string>>;
}

describe('the sandbox process', () => {
  const dir = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'sandbox-'));
  const file = join(dir, 'endpoints.json');
  let child: ChildProcess;

  async function start(): Promise<Endpoints> {
    rmSync(file, { force: true });
    child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'sandbox/main.ts'], {
      env: { PATH: process.env.PATH, SANDBOX_DIR: dir, SANDBOX_SPEED: '0', SANDBOX_WEBHOOK_URL: 'http://127.0.0.1:9/' },
      stdio: 'inherit',
    });
    await until('endpoints.json', () => existsSync(file));
    return JSON.parse(readFileSync(file, 'utf8')) as Endpoints;
  }
  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const exited = new Promise<number | null>((done) => child.once('exit', done));
    child.kill(signal);
    return exited;
  }
  afterAll(async () => {
    if (child.exitCode === null) await end('SIGKILL');
  });

  test('plays every system, and its settings are settings of ours', async () => {
    const { env, controlUrl } = await start();
    expect(Object.keys(env).sort()).toEqual(['acme', 'mail', 'powerdns', 'proxmox', 'registrar', 'stripe', 'vies']);
    const names = Object.values(env).flatMap((own) => Object.keys(own));
    expect(names.filter((name) => !(name in settings)).sort()).toEqual(FOR_CLIENTS);
    const listed = (await (await fetch(controlUrl)).json()) as object;
    expect(Object.keys(listed).sort()).toEqual(Object.keys(env).sort());
  }, 30_000);

  test('comes back after SIGKILL where it was, knowing what it was told', async () => {
    const before = JSON.parse(readFileSync(file, 'utf8')) as Endpoints;
    const fault = { match: 'GET /', phase: 'before', action: { kind: 'status', status: 500 }, times: null };
    const faults = `${before.controlUrl}/powerdns/faults`;
    await fetch(faults, { method: 'POST', body: JSON.stringify(fault) });
    await end('SIGKILL');
    const after = await start();
    expect(after.controlUrl).toBe(before.controlUrl);
    expect(after.env).toEqual(before.env);
    expect(await (await fetch(faults)).json()).toMatchObject([fault]);
  }, 30_000);

  test('stops when asked', async () => {
    expect(await end('SIGTERM')).toBe(0);
  }, 20_000);
});

describe('stand-ins play', () => {
  const bySystem = {
    proxmox: { PROXMOX_URL: 'http://sandbox', PROXMOX_TOKEN_ID: 'sandbox' },
    mail: { SMTP_URL: 'smtp://sandbox', MAIL_MX_HOST: 'mx.sandbox' },
  };

  test('every provider that is not configured or off', () => {
    expect(played({})).toEqual(['proxmox', 'powerdns', 'registrar', 'acme', 'stripe', 'mail', 'smtp', 'vies']);
    expect(played({ PROXMOX_URL: 'https://real', PROVIDERS_OFF: 'acme, stripe', SMTP_URL: '' })).toEqual([
      'powerdns',
      'registrar',
      'mail',
      'smtp',
      'vies',
    ]);
    expect(played({ MAIL_DATABASE_URL: 'postgres://mine', STAND_INS: 'mail' })).toContain('mail');
  });

  test('a provider whole or not at all', () => {
    expect(settingsOf(bySystem, played({ PROXMOX_URL: 'https://real' }))).toEqual(bySystem.mail);
    expect(settingsOf(bySystem, played({ SMTP_URL: 'smtp://real' }))).toEqual({
      ...bySystem.proxmox,
      MAIL_MX_HOST: 'mx.sandbox',
    });
  });
});
