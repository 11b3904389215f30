import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowClient } from '@temporalio/client';
import { ZodObject } from 'zod';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import { keyRing, loadConfig, settings } from '../../runtime/config.ts';
import { createSeal } from '../../runtime/seal.ts';
import { withClient } from '../../scripts/launch/database.ts';
import type { Customer, Order, Page, PlacedOrder } from '../support/client.ts';
import { type KnownSecret, leaksIn, textOf } from '../support/leaks.ts';
import { until } from '../support/until.ts';
import { caller, invited, known, loginOf, MAILED, openId, password } from './secrets/people.ts';
import { readableHistory, runsOf, withEngine } from './stage/engine.ts';
import { openStage, type Stage } from './stage/index.ts';

/** Everything that a customer does, with all that can be secret in it; then every place that keeps something is searched. */
describe('no secret of a full run is written down', () => {
  let stage: Stage;
  let secrets: KnownSecret[];
  const typed = { ordered: password(), changed: password() };

  /** The generated passwords, as the customer is shown them. */
  async function reveal(order: Order, token: string) {
    const call = caller(stage);
    const resource = (type: string) => order.items.find((item) => item.type === type)?.resourceId ?? '';
    const root = await call(`/cloudpods/${resource('cloudpod')}/reveal`, {}, token);
    const box = await stage.admin.post<{ mailbox: { id: string }; job: { id: string } }>('/email/mailboxes', {
      domainId: resource('email'),
      localPart: 'generated',
    });
    const made = await call(`/email/mailboxes/${box.mailbox.id}/reveal`, {}, token);
    await stage.stands(box.job.id, 'completed');
    await changeMailbox(resource('email'));
    return [
      ...known('revealed root password', root.body.password),
      ...known('revealed mailbox password', made.body.password),
    ];
  }

  /** The one that was ordered with a password gets another. */
  async function changeMailbox(domainId: string): Promise<void> {
    const { items } = await stage.admin.get<Page<{ id: string; localPart: string }>>(
      `/email/mailboxes?domainId=${domainId}`,
    );
    const id = items.find(({ localPart }) => localPart === 'info')?.id;
    const { jobId } = await stage.admin.send<{ jobId: string }>('PUT', `/email/mailboxes/${id}`, {
      password: typed.changed,
    });
    await stage.stands(jobId, 'completed');
  }

  /** What every row of `secret` holds; of keys a line, since whoever copies a key may break it anew. */
  async function sealed(): Promise<KnownSecret[]> {
    const seal = createSeal(keyRing(loadConfig(stage.platform.env)));
    const rows = await stage.sql<{ id: string; purpose: string; key_id: string; sealed: Buffer }>(
      'select * from secret',
    );
    return rows.map(({ id, purpose, key_id, sealed }) => {
      const clear = seal.open(id, sealed, key_id);
      const value = clear.includes('-----') ? (clear.split('\n')[2] ?? '') : clear;
      return { what: `sealed: ${purpose}`, value };
    });
  }

  function configured(): KnownSecret[] {
    const { env } = stage.platform;
    const names = Object.entries(settings).flatMap(([name, setting]) => ('secret' in setting ? [name] : []));
    const urls = names.filter((name) => /^postgres:|^smtp:/.test(env[name] ?? ''));
    return [
      ...names.filter((name) => !urls.includes(name)).flatMap((name) => known(name, env[name])),
      ...urls.flatMap((name) => known(name, decodeURIComponent(new URL(env[name] ?? '').password))),
    ];
  }

  /** An order whose steps fail for a while, with words and without. */
  async function failing(customer: Customer): Promise<PlacedOrder> {
    const refusal = { message: 'Parameter verification failed.\n', errors: { cipassword: 'too short' }, data: null };
    await stage.outside.fault('proxmox', {
      match: '(POST|PUT) .*/config',
      phase: 'before',
      action: { kind: 'status', status: 500, body: refusal },
      times: 2,
    });
    await stage.outside.fault('powerdns', { match: 'PATCH', phase: 'after', action: { kind: 'drop' }, times: 1 });
    const placed = await stage.place(customer, [stage.pod()]);
    await stage.pay(placed.invoice.id);
    await stage.ended(placed.order.id, 60_000);
    return placed;
  }

  beforeAll(async () => {
    stage = await openStage({ ownServers: true, env: { LOG_LEVEL: 'debug' } });
    const customer = await stage.customer();
    const login = await loginOf(stage, customer);
    const others = [...(await invited(stage, customer)), ...(await openId(stage))];
    const domain = stage.name();
    const items = [stage.pod(`www.${domain}`), stage.domain(domain), stage.mail(domain, typed.ordered)];
    const placed = await stage.place(customer, items);
    await stage.pay(placed.invoice.id);
    const order = await stage.ended(placed.order.id, 60_000);
    expect(order.status).toBe('active');
    const revealed = await reveal(order, login.token);
    await failing(customer);
    await until('the mailbox is made', async () => (await stage.world.mailboxes()).length === 2);
    secrets = [
      ...login.secrets,
      ...others,
      ...revealed,
      ...Object.entries(typed).flatMap(([what, value]) => known(`mailbox: ${what}`, value)),
      ...(await sealed()),
      ...configured(),
    ];
  }, 240_000);
  afterAll(() => stage?.close());

  const found = (where: string, text: string, what = secrets) => leaksIn(text, what).map((leak) => `${where}: ${leak}`);

  test('there is something to look for', () => {
    const kinds = new Set(secrets.map(({ what }) => what.replace(/\/.*/, '')));
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        'access token', 'rotated refresh token', 'revealed root password', 'revealed mailbox password',
        'mailbox: ordered', 'mailbox: changed', 'typed: login', 'typed: changed', 'typed: chosen', MAILED, 'API key',
        'second factor', 'recovery code', 'its letters', 'challenge', 'access token by a code',
        'OpenID client secret', 'OpenID client secret before', 'sealed: OpenID client',
        'sealed: certificate key', 'sealed: DKIM key', 'sealed: ACME account key', 'sealed: authInfo of domain', 'sealed: root of instance',
        'SEAL_KEY', 'JWT_SECRET', 'DATABASE_URL', 'STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'PROXMOX_TOKEN_SECRET',
        'POWERDNS_API_KEY', 'EPP_PASSWORD', 'ADMIN_PASSWORD',
      ]), // biome-ignore format: a list
    );
  });

  const histories = <T>(read: (workflow: WorkflowClient, id: string, runId: string) => Promise<T>) =>
    withEngine(stage.platform.env, async (workflow) => {
      const runs = await runsOf(workflow, "ExecutionStatus != 'Terminated'");
      expect(runs.length).toBeGreaterThan(6);
      return Promise.all(runs.map(async (run) => ({ run, history: await read(workflow, run.workflowId, run.runId) })));
    });

  test('in histories as they lie in Temporal, which tell no more than ids, types and states', async () => {
    const all = await histories((workflow, id, runId) => workflow.getHandle(id, runId).fetchHistory());
    for (const { run, history } of all) {
      const text = textOf(history);
      expect(found(run.workflowId, text)).toEqual([]);
      expect(text.replaceAll(run.workflowId, '')).not.toMatch(/\.example|customers\.test/);
    }
  });

  test('in histories that the codec has decoded', async () => {
    const all = await histories((workflow, id, runId) => readableHistory(stage.platform.env, workflow, id, runId));
    expect(textOf(all)).toContain('"jobId":');
    for (const { run, history } of all) expect(found(run.workflowId, textOf(history))).toEqual([]);
  });

  test('in Temporal’s own database', () => {
    const { dataDir } = stage.platform;
    const files = readdirSync(dataDir).filter((name) => name.startsWith('temporal-'));
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) expect(found(name, readFileSync(join(dataDir, name), 'latin1'))).toEqual([]);
  });

  test('in the logs of our processes and of the servers', () => {
    const dir = join(stage.platform.dataDir, 'logs');
    const names = ['api.log', 'workers.log', 'temporal.log', 'postgres.log'].filter((name) =>
      existsSync(join(dir, name)),
    );
    expect(names).toEqual(expect.arrayContaining(['api.log', 'workers.log', 'postgres.log']));
    expect(readFileSync(join(dir, 'workers.log'), 'utf8')).toContain('attempt failed');
    for (const name of names) expect(found(name, readFileSync(join(dir, name), 'utf8'))).toEqual([]);
  });

  test('in what the API tells of jobs, orders and what went wrong', async () => {
    const { items } = await stage.admin.get<Page<{ id: string }>>('/jobs?pageSize=100');
    const reads = mpanelRoutes.filter(({ method, path }) => method === 'get' && !path.includes(':'));
    const lists = reads.filter(({ query }) => query instanceof ZodObject && 'pageSize' in query.shape);
    const pages = [...reads.filter((one) => !lists.includes(one)).map(({ path }) => path), ...jobs(items)];
    const told = await Promise.all([
      ...pages.map(async (page) => [page, await stage.admin.text(page).catch(answerOf)] as const),
      ...lists.map(async ({ path }) => [path, await everyPage(path).catch(answerOf)] as const),
    ]);
    expect(told.join()).toContain('create guest');
    for (const [page, text] of told) expect(found(page, text)).toEqual([]);
  });

  const jobs = (items: { id: string }[]) => items.map(({ id }) => `/jobs/${id}`);

  async function everyPage(path: string): Promise<string> {
    const texts: string[] = [];
    for (let page = 1, full = true; full; page++) {
      const text = await stage.admin.text(`${path}?pageSize=100&page=${page}`);
      full = (JSON.parse(text) as Page<unknown>).items.length === 100;
      texts.push(text);
    }
    return texts.join('\n');
  }

  test('in mails', async () => {
    const { messages } = await stage.outside.state<{ messages: object[] }>('mail');
    expect(messages.length).toBeGreaterThan(0);
    const leaks = found('mails', textOf(messages));
    expect(leaks).toContain(`mails: ${MAILED} (clear)`);
    expect(leaks.filter((leak) => !leak.startsWith(`mails: ${MAILED}`))).toEqual([]);
  });

  test('in a dump of our database; the mail host’s has the keys that it signs with, and no password', async () => {
    const { DATABASE_URL, MAIL_DATABASE_URL } = stage.platform.env;
    for (const { table, rows } of await dump(String(DATABASE_URL))) expect(found(table, rows)).toEqual([]);
    const theirs = await dump(String(MAIL_DATABASE_URL));
    const leaks = theirs.flatMap(({ table, rows }) => found(table, rows));
    expect(leaks.filter((leak) => !leak.startsWith('virtual_domains: sealed: DKIM key'))).toEqual([]);
  });
});

/** Every table as pg_dump writes it: one line of text for a row, bytes in hex. */
function dump(url: string): Promise<{ table: string; rows: string }[]> {
  return withClient(url, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public' order by 1",
    );
    const texts = [];
    for (const { name } of tables) {
      const table = client.escapeIdentifier(name);
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${table} t`);
      texts.push({
        table: name,
        rows: rows.map(({ row }) => row.replaceAll('""', '"').replaceAll('\\\\', '\\')).join('\n'),
      });
    }
    return texts;
  });
}

/** A refusal tells something too. */
const answerOf = (error: Error) => error.message;
