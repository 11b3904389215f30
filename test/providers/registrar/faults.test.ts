import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Registrar } from '../../../providers/registrar/port.ts';
import { ADA, failureOf, NAMESERVERS, registry } from './support.ts';

let sandbox: Awaited<ReturnType<typeof registry>>;
let registrar: Registrar;

beforeAll(async () => {
  sandbox = await registry();
  registrar = sandbox.adapter();
  await registrar.ensureContact('ADA-1', ADA);
  await registrar.ensureHosts(NAMESERVERS.map((name) => ({ name, addresses: [] })));
});
afterAll(() => sandbox.close());

const register = (name: string, by = registrar) =>
  by.createDomain({ name, years: 1, registrant: 'ADA-1', nameservers: NAMESERVERS, authInfo: 'let-me-in-1' });

const chargesOf = (name: string) =>
  sandbox.state().ledger.flatMap((entry) => (entry.name === name ? [`${entry.kind} ${entry.amount}`] : []));

const kit = (match: string, phase: 'before' | 'after', action: { kind: 'drop' } | { kind: 'status'; status: number }) =>
  sandbox.self.faults.add({ match, phase, action });

describe('a lost answer', () => {
  test('of a create is unknown; info shows that it happened, once', async () => {
    const startedAt = Date.now();
    sandbox.fault('domain:create', 'cut-after-commit');
    expect(await failureOf(register('cut.test'))).toMatchObject({ kind: 'unknown' });
    const view = await registrar.info('cut.test');
    expect(view).toMatchObject({ sponsor: registrar.clientId, registrant: 'ADA-1', authInfo: 'let-me-in-1' });
    expect(view!.createdAt.getTime()).toBeGreaterThanOrEqual(startedAt);
    expect(await failureOf(register('cut.test'))).toMatchObject({ kind: 'conflict', code: '2302' });
    expect(chargesOf('cut.test')).toEqual(['create -500']);
  });

  test('of a create is unknown also when nothing happened', async () => {
    kit('domain:create', 'before', { kind: 'drop' });
    expect(await failureOf(register('lost.test'))).toMatchObject({ kind: 'unknown' });
    expect(await registrar.info('lost.test')).toBeUndefined();
  });

  test('of a renewal is unknown; repeating it does not renew twice', async () => {
    const { expiresAt } = await register('term.test');
    kit('domain:renew', 'after', { kind: 'drop' });
    expect(await failureOf(registrar.renew('term.test', expiresAt!, 1))).toMatchObject({ kind: 'unknown' });
    expect(await failureOf(registrar.renew('term.test', expiresAt!, 1))).toMatchObject({ kind: 'conflict' });
    expect((await registrar.info('term.test'))!.expiresAt.getUTCFullYear()).toBe(expiresAt!.getUTCFullYear() + 1);
    expect(chargesOf('term.test')).toEqual(['create -500', 'renew -500']);
  });

  test('of a delete is unknown; repeating it finds nothing left to delete, and the money is back once', async () => {
    await register('back.test');
    sandbox.fault('domain:delete', 'cut-after-commit');
    expect(await failureOf(registrar.deleteDomain('back.test'))).toMatchObject({ kind: 'unknown' });
    expect(await registrar.info('back.test')).toBeUndefined();
    await registrar.deleteDomain('back.test');
    expect(chargesOf('back.test')).toEqual(['create -500', 'refund 500']);
  });

  test('of a question is unavailable, since nothing can have happened', async () => {
    kit('domain:info', 'after', { kind: 'drop' });
    expect(await failureOf(registrar.info('cut.test'))).toMatchObject({ kind: 'unavailable' });
  });

  test('that comes after the deadline is lost, and not taken for the answer to the next command', async () => {
    const hasty = sandbox.adapter({ timeoutMs: 400 });
    await hasty.check(['cut.test']);
    sandbox.fault('domain:create', 'slow', { ms: 600 });
    expect(await failureOf(register('late.test', hasty))).toMatchObject({ kind: 'unknown' });
    expect(await hasty.info('cut.test')).toMatchObject({ name: 'cut.test' });
  });
});

describe('a registry that is not reached', () => {
  test('is unavailable: nobody listens', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => probe.once('listening', done));
    const { port } = probe.address() as AddressInfo;
    await new Promise((done) => probe.close(done));
    expect(await failureOf(register('x.test', sandbox.adapter({ port })))).toMatchObject({ kind: 'unavailable' });
  });

  test('is unavailable: it hangs without a greeting', async () => {
    const mute = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
    await new Promise((done) => mute.once('listening', done));
    const { port } = mute.address() as AddressInfo;
    const hasty = sandbox.adapter({ port, timeoutMs: 200 });
    expect(await failureOf(register('x.test', hasty))).toMatchObject({ kind: 'unavailable' });
    await new Promise((done) => mute.close(done));
  });

  test('is unavailable: its certificate is not the one we trust', async () => {
    const { kind, detail } = await failureOf(register('x.test', sandbox.adapter({ ca: '' })));
    expect(kind).toBe('unavailable');
    expect(detail).toMatch(/certificate/i);
  });

  test('is unavailable: the login is cut off', async () => {
    kit('^login$', 'before', { kind: 'drop' });
    expect(await failureOf(register('x.test', sandbox.adapter()))).toMatchObject({ kind: 'unavailable' });
  });

  test('is denied with a wrong password, which the failure does not tell', async () => {
    const failure = await failureOf(register('x.test', sandbox.adapter({ password: 'not-the-password' })));
    expect(failure).toMatchObject({ kind: 'denied', code: '2200' });
    expect(JSON.stringify(failure)).not.toContain('not-the-password');
  });
});

describe('a login', () => {
  test('that is refused for whatever reason is denied: the command is not to blame', async () => {
    kit('^login$', 'before', { kind: 'status', status: 2306 });
    expect(await failureOf(register('x.test', sandbox.adapter()))).toMatchObject({ kind: 'denied', code: '2306' });
  });
});

describe('sessions', () => {
  test('one that the server ends with 2500 is opened again and the command sent anew', async () => {
    await registrar.check(['again.test']);
    sandbox.fault('domain:create', 'session-2500');
    const since = sandbox.mark();
    await register('again.test');
    expect(sandbox.operations(since)).toEqual(['domain:create', 'connect', 'login', 'domain:create']);
    expect(chargesOf('again.test')).toEqual(['create -500']);
  });

  test('2500 twice in a row is busy', async () => {
    for (let i = 0; i < 2; i++) sandbox.fault('domain:create', 'session-2500');
    expect(await failureOf(register('busy.test'))).toMatchObject({ kind: 'busy', code: '2500' });
    expect(await registrar.info('busy.test')).toBeUndefined();
  });

  test('a login that finds too many of them is busy', async () => {
    sandbox.fault('login', 'login-limit-2502');
    const other = sandbox.adapter();
    expect(await failureOf(other.check(['a.test']))).toMatchObject({ kind: 'busy', code: '2502' });
    expect(await other.check(['a.test'])).toHaveLength(1);
  });

  test('one more than the registry allows is busy until another is closed', async () => {
    const small = await registry({ SANDBOX_EPP_SESSIONS: '1' });
    const [first, second] = [small.adapter(), small.adapter()];
    await first.check(['a.test']);
    expect(await failureOf(second.check(['a.test']))).toMatchObject({ kind: 'busy', code: '2502' });
    await first.close();
    expect(await second.check(['a.test'])).toHaveLength(1);
    await small.close();
  });

  test('an idle one that was cut is found out by a hello before a command is lost on it', async () => {
    const careful = sandbox.adapter({ probeAfterMs: 0 });
    await careful.check(['a.test']);
    const since = sandbox.mark();
    await register('hello.test', careful);
    expect(sandbox.operations(since)).toEqual(['hello', 'domain:create']);
    sandbox.act('cut-sessions');
    await register('healed.test', careful);
    expect(sandbox.operations(since).slice(2)).toEqual(['connect', 'login', 'domain:create']);
  });

  test('many calls at once share one, each with its own answer', async () => {
    const fresh = sandbox.adapter();
    const since = sandbox.mark();
    const names = Array.from({ length: 20 }, (_, at) => `many-${at}.test`);
    const answers = await Promise.all(names.map((name) => fresh.check([name])));
    expect(answers.map(([answer]) => answer!.name)).toEqual(names);
    expect(sandbox.operations(since).filter((operation) => operation === 'login')).toHaveLength(1);
  });

  test('a call that gets no turn before its deadline is not sent', async () => {
    const hasty = sandbox.adapter({ timeoutMs: 400 });
    await hasty.check(['a.test']);
    const since = sandbox.mark();
    sandbox.fault('domain:check', 'slow', { ms: 1_000 });
    const [first, second] = await Promise.all([
      failureOf(hasty.check(['a.test'])),
      failureOf(register('queue.test', hasty)),
    ]);
    expect(first.kind).toBe('unavailable');
    expect(['busy', 'unavailable']).toContain(second.kind);
    expect(sandbox.operations(since)).not.toContain('domain:create');
  });

  test('a closed adapter says goodbye, leaves no session and does nothing more', async () => {
    const other = sandbox.adapter();
    await other.check(['a.test']);
    const since = sandbox.mark();
    const open = sandbox.state().sessions;
    await other.close();
    expect(sandbox.operations(since)).toEqual(['logout']);
    expect(await failureOf(other.check(['a.test']))).toMatchObject({ kind: 'unavailable' });
    while (sandbox.state().sessions >= open) await new Promise((done) => setImmediate(done));
  });
});

describe('a pending create', () => {
  test('is told, cannot be deleted meanwhile, and ends with a message that comes twice', async () => {
    sandbox.fault('domain:create', 'pending-create', { twice: true });
    expect(await register('wait.test')).toMatchObject({ pending: true });
    expect((await registrar.info('wait.test'))!.statuses).toContain('pendingCreate');
    expect(await failureOf(registrar.deleteDomain('wait.test'))).toMatchObject({ kind: 'busy', code: '2304' });
    sandbox.act('finish-pending', { name: 'wait.test', ok: true });
    for (let i = 0; i < 2; i++) {
      const message = await registrar.poll();
      expect(message!.pending).toMatchObject({
        name: 'wait.test',
        succeeded: true,
        transaction: expect.stringMatching(/^SBX-/),
      });
      await registrar.acknowledge(message!.id);
    }
    expect(await registrar.poll()).toBeUndefined();
    expect((await registrar.info('wait.test'))!.statuses).toEqual(['ok']);
  });

  test('that fails leaves no domain and gives the money back', async () => {
    sandbox.fault('domain:create', 'pending-create', { ms: 50, ok: false });
    await register('no.test');
    let message = await registrar.poll();
    while (!message) message = await registrar.poll();
    expect(message.pending).toMatchObject({ name: 'no.test', succeeded: false });
    await registrar.acknowledge(message.id);
    expect(await registrar.info('no.test')).toBeUndefined();
    expect(chargesOf('no.test')).toEqual(['create -500', 'refund 500']);
  });
});

describe('the world moves', () => {
  test('a name taken between check and create is a conflict, nothing charged', async () => {
    expect((await registrar.check(['race.test']))[0]!.available).toBe(true);
    sandbox.fault('domain:create', 'taken-between-check-and-create');
    expect(await failureOf(register('race.test'))).toMatchObject({ kind: 'conflict', code: '2302' });
    expect((await registrar.info('race.test'))!.sponsor).toBe('RIVAL');
    expect(chargesOf('race.test')).toEqual([]);
  });

  test('a name that became premium between check and create is refused, nothing charged', async () => {
    expect((await registrar.check(['dear.test']))[0]!.available).toBe(true);
    sandbox.act('set-premium', { name: 'dear.test' });
    const refused = { kind: 'refused', code: '2306', detail: expect.stringMatching(/price agreed on beforehand/) };
    expect(await failureOf(register('dear.test'))).toMatchObject(refused);
    expect(await registrar.info('dear.test')).toBeUndefined();
    expect(chargesOf('dear.test')).toEqual([]);
  });

  test('a domain the registry renewed by itself is a conflict, and info shows the new date', async () => {
    const { expiresAt } = await register('self.test');
    sandbox.fault('domain:renew', 'auto-renewed');
    expect(await failureOf(registrar.renew('self.test', expiresAt!, 1))).toMatchObject({ kind: 'conflict' });
    expect((await registrar.info('self.test'))!.expiresAt.getUTCFullYear()).toBe(expiresAt!.getUTCFullYear() + 1);
    expect(chargesOf('self.test')).toEqual(['create -500', 'auto-renew -500']);
  });

  test('a domain transferred away is not ours to renew, shows its new sponsor and counts as deleted', async () => {
    const { expiresAt } = await register('gone.test');
    sandbox.fault('domain:renew', 'transferred-away');
    expect(await failureOf(registrar.renew('gone.test', expiresAt!, 1))).toMatchObject({
      kind: 'denied',
      code: '2201',
    });
    const view = await registrar.info('gone.test');
    expect(view).toMatchObject({ sponsor: 'RIVAL' });
    expect(view).not.toHaveProperty('authInfo');
    await registrar.deleteDomain('gone.test');
    expect(await registrar.info('gone.test')).toBeDefined();
  });

  test('an empty account is denied, by switch and in truth', async () => {
    sandbox.fault('domain:create', 'balance-empty-2104');
    expect(await failureOf(register('poor.test'))).toMatchObject({ kind: 'denied', code: '2104' });
    const { balance } = sandbox.state().accounts.find((account) => account.id === registrar.clientId)!;
    sandbox.act('set-balance', { cents: 499 });
    expect(await failureOf(register('poor.test'))).toMatchObject({ kind: 'denied', code: '2104' });
    expect(await registrar.info('poor.test')).toBeUndefined();
    sandbox.act('set-balance', { cents: balance });
  });

  test('a registry that fails for now is busy', async () => {
    kit('domain:create', 'before', { kind: 'status', status: 2400 });
    expect(await failureOf(register('hiccup.test'))).toMatchObject({ kind: 'busy', code: '2400' });
    await register('hiccup.test');
  });
});
