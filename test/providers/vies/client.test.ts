import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createVies } from '../../../providers/vies/client.ts';
import { start } from '../../../sandbox/vies/index.ts';
import { startStandIn } from '../../support/sandbox.ts';

const GERMAN = { country: 'DE', number: '123456789' };
const OWN = { country: 'FR', number: '12345678901' };

let sandbox: Awaited<ReturnType<typeof startStandIn>>;
beforeEach(async () => {
  sandbox = await startStandIn('vies', start);
});
afterEach(() => sandbox.close());

const vies = () => createVies({ url: sandbox.env.VIES_URL!, timeoutMs: 2_000 });
const switched = (name: string) =>
  sandbox.self.faults.add({ match: 'check-vat-number', phase: 'switch', action: { kind: 'switch', name } });

test('a number that is registered, with proof for who names itself', async () => {
  const { askedAt, ...answer } = await vies().check(GERMAN, OWN);
  expect(answer).toEqual({ valid: true, consultation: 'WAPIAAAA00000001' });
  expect(Math.abs(askedAt.getTime() - Date.now())).toBeLessThan(60_000);
  expect((await vies().check(GERMAN, null)).consultation).toBeUndefined();
});

test('one that is not', async () => {
  expect(await vies().check({ country: 'DE', number: '123456000' }, OWN)).toMatchObject({ valid: false });
});

test('one that cannot be is refused; our own that cannot be is for an operator', async () => {
  await expect(vies().check({ country: 'US', number: '1' }, null)).rejects.toMatchObject({ kind: 'refused' });
  await expect(vies().check(GERMAN, { country: 'US', number: '1' })).rejects.toMatchObject({ kind: 'denied' });
});

test('a member state that does not answer', async () => {
  switched('ms-unavailable');
  await expect(vies().check(GERMAN, OWN)).rejects.toMatchObject({ kind: 'unavailable', code: 'MS_UNAVAILABLE' });
  expect(await vies().check(GERMAN, OWN)).toMatchObject({ valid: true });
});

test('too many questions', async () => {
  switched('vies-busy');
  await expect(vies().check(GERMAN, OWN)).rejects.toMatchObject({ kind: 'busy' });
});

test('a page in place of an answer, or none', async () => {
  sandbox.self.faults.add({ match: 'check', phase: 'before', action: { kind: 'status', status: 502, body: '<html>' } });
  await expect(vies().check(GERMAN, OWN)).rejects.toMatchObject({ kind: 'unavailable', code: '502' });
  sandbox.self.faults.add({ match: 'check', phase: 'after', action: { kind: 'drop' } });
  await expect(vies().check(GERMAN, OWN)).rejects.toMatchObject({ kind: 'unknown' });
});

test('answers whether it is there', async () => {
  await expect(vies().ping()).resolves.toBeUndefined();
});
