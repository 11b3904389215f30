import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { campaign, type Outcome } from '../../crash/campaign.ts';
import type { Evidence } from '../../crash/invariants/evidence.ts';
import { gatherer } from '../../crash/invariants/gather.ts';
import { type InvariantName, judge, type Violation } from '../../crash/invariants/index.ts';
import { patientApi } from '../../crash/patient.ts';
import { TARGETS } from '../../crash/schedule.ts';
import { SETTINGS } from '../../crash/settings.ts';
import { sourcesOf } from '../../crash/sources.ts';
import { sendMail } from '../../scripts/demo/wire/smtp.ts';
import { withClient } from '../../scripts/launch/database.ts';
import { openEngine } from '../../scripts/stage/engine.ts';
import { type Stage, startStage } from '../../scripts/stage/stage.ts';

/**
 * Of this seed's orders: every flaw, a second page, one that is called off, and one of everything that the plants touch. Few at
 * a time, so that the last kill still finds one in mid-step.
 */
const SMALL = { orders: 10, seed: 'small-203', inFlight: 4, batch: 10, kills: 1, faults: 12 };

describe('a crash campaign of fixed seed', () => {
  let stage: Stage;
  let outcome: Outcome;
  beforeAll(async () => {
    const dataDir = mkdtempSync(join(String(process.env.MPANEL_TEST_DIR), 'platform-'));
    const never = new AbortController().signal;
    stage = await startStage(dataDir, 100, never, SETTINGS, () => {});
    outcome = await campaign(stage, SMALL, never, () => {});
  }, 300_000);
  afterAll(() => stage?.platform.stop());

  test('violates nothing, though every target was killed while orders were in mid-step', () => {
    expect(outcome.violations).toEqual([]);
    for (const target of TARGETS) expect(outcome.kills[target]).toMatchObject({ midStep: 1 });
    expect(outcome.evidence.told.orders).toHaveLength(SMALL.orders);
    expect([...outcome.faults.values()].length).toBeGreaterThan(0);
    expect(Object.keys(outcome.ends).sort()).toEqual(['active', 'cancelled', 'failed']);
  });

  /** What the invariants say now, with everything read anew. */
  async function violations(): Promise<Violation[]> {
    const sources = await sourcesOf(stage, patientApi(stage.platform.url, stage.admin));
    try {
      return judge(await gatherer(sources)(outcome.evidence.fates));
    } finally {
      await sources.close();
    }
  }

  const some = <T>(all: readonly T[], fits: (one: T) => boolean = () => true): T => {
    const found = all.find(fits);
    if (!found) throw new Error('the campaign has nothing to plant it on');
    return found;
  };
  const told = () => outcome.evidence.told;
  const delivered = () => some(told().orders, ({ id }) => outcome.evidence.fates.get(id) === 'delivered');
  const guest = () =>
    some(outcome.evidence.outside.proxmox.guests, ({ config }) => /^mpanel:/.test(config.description ?? ''));
  const zone = () => some(told().zones, ({ domainId, status }) => domainId !== null && status === 'active');
  const onMail = (text: string) =>
    withClient(String(stage.platform.env.MAIL_DATABASE_URL), (client) => client.query(text));

  async function refund(charge: Evidence['outside']['stripe']['charges'][number]): Promise<void> {
    const { STRIPE_API_URL, STRIPE_SECRET_KEY } = stage.platform.env;
    const answer = await fetch(`${STRIPE_API_URL}/v1/refunds`, {
      method: 'POST',
      headers: { authorization: `Bearer ${STRIPE_SECRET_KEY}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ charge: charge.id, amount: '1' }),
    });
    expect(answer.status).toBe(200);
  }

  const PLANTS: [InvariantName, string, () => Promise<unknown>, RegExp][] = [
    ['guests', 'a guest that nobody ordered', () => stage.outside.act('proxmox', 'plant-guest', { vmid: '999', description: `mpanel:${crypto.randomUUID()}` }), /guest 999 .* is no CloudPod's/],
    ['guests', 'a guest made twice', () => stage.outside.act('proxmox', 'plant-guest', { vmid: '998', description: String(guest().config.description) }), /has several guests/],
    ['guests', 'a guest that stopped', () => stage.outside.act('proxmox', 'stop-guest', { vmid: guest().vmid }), /its guest does not run/],
    ['guests', 'a guest that is gone', () => stage.outside.act('proxmox', 'destroy-guest', { vmid: guest().vmid }).then(() => stage.outside.act('proxmox', 'destroy-guest', { vmid: '998' })), /and has no guest/],
    ['zones', 'a record that nobody wrote', () => stage.outside.act('powerdns', 'set-record', { zone: `${zone().domain}.`, name: `left.${zone().domain}.`, type: 'A', contents: ['127.0.0.9'] }), /record left\..* is at the name server and nobody's/],
    ['zones', 'a zone that is gone', () => stage.outside.act('powerdns', 'delete-zone', { zone: `${zone().domain}.` }), /is not at the name server/],
    ['registrations', 'a domain that nobody ordered', () => stage.outside.act('registrar', 'plant-domain', { name: 'orphan.example', sponsor: 'MPANEL' }), /orphan\.example is registered and nobody's/],
    ['registrations', 'a domain that went away', () => stage.outside.act('registrar', 'transfer-away', { name: some(told().domains, ({ status }) => status === 'active').domain }), /is not registered/],
    ['certificates', 'a certificate that does not hold any more', () => stage.outside.act('acme', 'revoke', { serial: some(told().certificates, ({ status }) => status === 'active').serial }), /unknown to the CA, or revoked/],
    ['mailboxes', 'a mailbox that is gone', () => onMail('delete from virtual_mailboxes'), /mailbox info@.* is not at the mail host/],
    ['mails', 'a second word about an order', () => tellAgain(), /got 2 mails about 1 orders/],
    ['money', 'a refund that nobody decided', () => refund(some(outcome.evidence.outside.stripe.charges, ({ metadata }) => metadata.invoiceId === delivered().invoiceId)), /were kept, \d+ were delivered/],
    ['webhooks', 'an event that took effect twice', () => stage.sql(`update subscription set renews_at = renews_at + interval '1 month' where status = 'active' and billing_cycle = 'monthly'`), /subscription .* monthly, runs from/],
    ['webhooks', 'a payment that took no effect', () => stage.sql(`update invoice set status = 'unpaid' where id = '${delivered().invoiceId}'`), /took no effect on invoice/],
    ['fates', 'an item that was lost', () => stage.sql(`update order_item set status = 'undone' where order_id = '${delivered().id}'`), /is undone .*, not delivered/],
    ['records', 'a step that is not told of', () => stage.sql(`delete from job_step where job_id in (select id from job where type = 'cloudpod_provision' and status = 'completed' limit 1) and position = 1`), /job cloudpod_provision .* does not tell of/],
    ['records', 'an item without a job', () => stage.sql(`update job set parent_job_id = null where order_id = '${delivered().id}' and type <> 'order_fulfil'`), /no job says what became of/],
    ['records', 'a step without an end', () => stage.sql(`update job_step set ended_at = null where job_id in (select id from job where type = 'cloudpod_provision' and status = 'completed')`), /its step .* is done since .* until null/],
    ['runs', 'a job that nobody works on', () => stage.sql(`update job set status = 'running' where order_id = '${delivered().id}'`), /job .* goes on without a workflow/],
    ['runs', 'a workflow of no job', () => strayWorkflow(), /workflow order_fulfil\/stray goes on without a job/],
    ['audit', 'a change that is in no log', () => stage.sql(`set session_replication_role = replica; update customer set status = 'suspended' where id = '${delivered().customerId}'; set session_replication_role = origin`), /customer .*: status is suspended, by the audit log active/],
    ['audit', 'an event that was taken out of the log', () => stage.sql(`delete from audit_event where resource_id = '${delivered().id}'`), /audit log of .*: event \d+ does not follow/],
  ]; // biome-ignore format: a table

  async function tellAgain(): Promise<void> {
    const { customerId } = delivered();
    const { email } = some(told().customers, ({ id }) => id === customerId);
    const [host = '', port] = String(stage.platform.env.SMTP_URL).replace('smtp://', '').split(':');
    const mail = { from: 'mpanel@mpanel.test', to: email, subject: 'Your order is ready', text: 'Again.' };
    await sendMail({ host, port: Number(port) }, mail);
  }

  async function strayWorkflow(): Promise<void> {
    const engine = await openEngine(stage.platform);
    try {
      await engine.workflow.start('order_fulfil', { workflowId: 'order_fulfil/stray', taskQueue: 'nobody' });
    } finally {
      await engine.connection.close();
    }
  }

  test.each(PLANTS)(
    '%s: %s is reported',
    async (invariant, _, plant, words) => {
      const reported = async () =>
        (await violations()).some((one) => one.invariant === invariant && words.test(one.what));
      expect(await reported()).toBe(false);
      await plant();
      expect(await reported()).toBe(true);
    },
    30_000,
  );
});
