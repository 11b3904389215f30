import { describe, expect, test } from '@jest/globals';
import { domainDrift } from '../../activities/reconcile/domains.ts';
import { guestDrift, type Seen, type Wanted } from '../../activities/reconcile/guests.ts';
import { chargeDrift, refundDrift } from '../../activities/reconcile/money.ts';
import { runDrift } from '../../activities/reconcile/runs.ts';
import { zoneDrift } from '../../activities/reconcile/zones.ts';
import type { Rrset } from '../../core/dns.ts';
import type { Invoice, Payment, Refund } from '../../db/entities/index.ts';
import { same } from '../../providers/powerdns/same.ts';
import type { DomainView } from '../../providers/registrar/port.ts';
import type { ChargeView, PastRefundView } from '../../providers/stripe/port.ts';

describe('a guest', () => {
  const size = { kind: 'lxc' as const, node: 'pve1', cores: 2, memoryMb: 1024 };
  const want: Wanted = { ...size, status: 'active', hostname: 'a.example' };
  const seen: Seen = { ...size, status: 'running', lock: undefined, ours: true };
  test.each<[string, Partial<Wanted>, Partial<Seen> | undefined, string[]]>([
    ['as it should be', {}, {}, []],
    ['suspended and stopped', { status: 'suspended' }, { status: 'stopped' }, []],
    ['nowhere', {}, undefined, ['guest_missing']],
    ['of somebody else', {}, { ours: false, status: 'stopped' }, ['guest_foreign']],
    ['of the other kind', {}, { kind: 'qemu' }, ['guest_foreign']],
    ['stopped', {}, { status: 'stopped' }, ['guest_stopped']],
    ['running though suspended', { status: 'suspended' }, {}, ['guest_running']],
    ['elsewhere and larger', {}, { node: 'pve2', cores: 8 }, ['guest_moved', 'guest_resized']],
    ['on a node that does not answer', {}, { status: 'unknown', ours: false, cores: 0 }, []],
    ['on the move', {}, { lock: 'migrate', status: 'stopped' }, []],
    ['being backed up', {}, { lock: 'backup', status: 'stopped' }, ['guest_stopped']],
  ])('%s', (_, wanted, found, kinds) => {
    expect(guestDrift({ ...want, ...wanted }, found && { ...seen, ...found })).toEqual(kinds);
  });
});

describe('a zone', () => {
  const rrset = (name: string, type: string, contents: string[], ttl = 300): Rrset => ({ name, type, contents, ttl });
  const drift = (wanted: Rrset[], seen: Rrset[]) =>
    zoneDrift('a.example', wanted, seen, same).map(({ kind, subject }) => `${kind} ${subject}`);
  const www = rrset('www.a.example.', 'A', ['192.0.2.1']);
  const mx = rrset('a.example.', 'MX', ['10 mx.a.example.']);

  test('is clean with its name servers, in whatever case the server shows it', () => {
    const shown = [rrset('WWW.a.example.', 'A', ['192.0.2.1']), rrset('a.example.', 'MX', ['10 MX.a.example.'])];
    expect(drift([www, mx], [...shown, rrset('a.example.', 'NS', ['ns1.mpanel.test.'])])).toEqual([]);
  });
  test('lacks a record, has another, has one too many', () => {
    expect(
      drift([www, mx], [rrset('www.a.example.', 'A', ['192.0.2.9']), rrset('x.a.example.', 'TXT', ['"x"'])]),
    ).toEqual(['record_changed www.a.example. A', 'record_missing a.example. MX', 'record_foreign x.a.example. TXT']);
  });
  test('has another TTL', () => {
    expect(drift([www], [{ ...www, ttl: 5 }])).toEqual(['record_changed www.a.example. A']);
  });
});

describe('a domain', () => {
  const expiresAt = new Date('2030-01-01');
  const row = { nameservers: ['ns1.mpanel.test'], expiresAt, renewal: null };
  const view = {
    sponsor: 'US',
    nameservers: ['NS1.mpanel.test.'],
    statuses: ['ok'],
    expiresAt,
  } as unknown as DomainView;
  test.each<[string, Partial<DomainView> | undefined, string[]]>([
    ['as it should be', {}, []],
    ['not registered', undefined, ['domain_gone']],
    ['with somebody else', { sponsor: 'RIVAL', nameservers: [] }, ['domain_transferred']],
    ['delegated elsewhere', { nameservers: ['ns1.elsewhere.test'] }, ['domain_nameservers']],
    ['on hold', { statuses: ['serverHold'] }, ['domain_held']],
    ['renewed by the registry', { expiresAt: new Date('2031-01-01') }, ['domain_expiry']],
  ])('%s', (_, found, kinds) => {
    expect(domainDrift(row, found && { ...view, ...found }, 'US')).toEqual(kinds);
  });
  test('being renewed may run out on either day', () => {
    const renewal = { from: '2030-01-01', years: 1 };
    expect(domainDrift({ ...row, renewal }, { ...view, expiresAt: new Date('2031-01-01') }, 'US')).toEqual([]);
  });
});

describe('money', () => {
  const charge = { amount: 999, currency: 'usd', disputed: false, invoiceId: 'i' } as ChargeView;
  const payment = { amount: 999, currency: 'USD' } as Payment;
  const invoice = { orderId: 'o' } as Invoice;
  test.each<[string, Partial<ChargeView>, Payment | null, Invoice | null, string[]]>([
    ['booked', {}, payment, invoice, []],
    ['not booked', {}, null, invoice, ['charge_unbooked']],
    ['for an invoice that is not here', {}, null, null, ['charge_unknown']],
    ['of another shop on the account', { invoiceId: undefined }, null, null, []],
    ['another amount', { amount: 1 }, payment, invoice, ['payment_amount']],
    ['another currency', { currency: 'eur' }, payment, invoice, ['payment_amount']],
    ['disputed', { disputed: true }, payment, invoice, ['charge_disputed']],
  ])('%s', (_, seen, booked, of, kinds) => {
    expect(chargeDrift({ ...charge, ...seen }, booked, of)).toEqual(kinds);
  });

  const back = { id: 're_1', status: 'succeeded' } as PastRefundView;
  const row = { status: 'succeeded', stripeId: 're_1' } as Refund;
  test.each<[string, PastRefundView, Refund | null, string | undefined]>([
    ['sent back', back, row, undefined],
    ['sent back and not counted yet', back, { ...row, status: 'pending', stripeId: null }, undefined],
    ['sent back by somebody', back, null, 'refund_foreign'],
    ['did not arrive', { ...back, status: 'failed' }, row, 'refund_failed'],
    [
      'did not arrive, known and still owed',
      { ...back, status: 'failed' },
      { ...row, status: 'failed' },
      'refund_failed',
    ],
    [
      'did not arrive, sent again in vain',
      { ...back, status: 'failed' },
      { ...row, status: 'failed', stripeId: 're_2' },
      'refund_failed',
    ],
    ['did not arrive, sent again', { ...back, status: 'failed' }, { ...row, stripeId: 're_2' }, undefined],
  ])('%s', (_, seen, known, kind) => {
    expect(refundDrift(seen, known)).toBe(kind);
  });
});

describe('a run', () => {
  test.each([
    ['that goes on', { state: 'open' as const }, 'sent' as const, undefined],
    ['that somebody ended', { state: 'ended' as const, status: 'terminated' }, 'sent' as const, 'run_ended'],
    ['that is nowhere', { state: 'absent' as const }, 'sent' as const, 'run_missing'],
    ['whose start is still to go out', { state: 'absent' as const }, 'pending' as const, undefined],
    ['that its parent begins', { state: 'absent' as const }, 'parent' as const, undefined],
    ['that nobody begins', { state: 'absent' as const }, 'nobody' as const, 'run_ended'],
  ])('%s', (_, run, by, kind) => {
    expect(runDrift(run, { by, wasEnded: false })).toBe(kind);
  });
});
