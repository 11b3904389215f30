import { randomUUID } from 'node:crypto';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import { until } from '../../support/until.ts';
import { runsOf, withEngine } from '../stage/engine.ts';
import type { Stage } from '../stage/index.ts';
import { charge, type Estate, insert } from './seed.ts';

/** "kind subject" of every difference that is made. */
export type Made = string[];

export async function driftAtProxmox({ outside }: Stage, { guests }: Estate): Promise<Made> {
  const act = (verb: string, body: Record<string, unknown>) => outside.act('proxmox', verb, body);
  const [stopped, gone, foreign, moved, resized] = guests;
  const unpaid = guests[9];
  const plant = (guest: Estate['guests'][number] | undefined, cores: number, more: Record<string, unknown>) =>
    act('plant-guest', {
      vmid: guest?.vmid,
      kind: 'lxc',
      running: true,
      name: guest?.hostname,
      config: { cores, memory: 1024, tags: 'mpanel' },
      ...more,
    });
  await act('stop-guest', { vmid: stopped?.vmid });
  await act('start-guest', { vmid: unpaid?.vmid });
  await act('move-guest', { vmid: moved?.vmid, node: 'pve2' });
  for (const guest of [gone, foreign, resized]) await act('destroy-guest', { vmid: guest?.vmid });
  await plant(foreign, 2, { name: 'theirs', description: 'mpanel:somebody-else' });
  await plant(resized, 8, { description: `mpanel:${resized?.id}` });
  await plant(undefined, 2, { vmid: 600_000, name: 'left', description: `mpanel:${randomUUID()}` });
  return [
    ...[`guest_stopped ${stopped?.vmid}`, `guest_running ${unpaid?.vmid}`, `guest_moved ${moved?.vmid}`],
    ...[
      `guest_missing ${gone?.vmid}`,
      `guest_foreign ${foreign?.vmid}`,
      `guest_resized ${resized?.vmid}`,
      'guest_orphan 600000',
    ],
  ];
}

export async function driftAtPowerDns({ outside }: Stage, { zones }: Estate): Promise<Made> {
  const [gone, missing, changed, foreign] = zones.map(({ name }) => name);
  await outside.act('powerdns', 'delete-zone', { zone: `${gone}.` });
  await outside.act('powerdns', 'delete-record', { zone: `${missing}.`, name: `www.${missing}.`, type: 'A' });
  await outside.act('powerdns', 'set-record', {
    zone: `${changed}.`,
    name: `www.${changed}.`,
    type: 'A',
    contents: ['192.0.2.66'],
  });
  await outside.act('powerdns', 'set-record', {
    zone: `${foreign}.`,
    name: `evil.${foreign}.`,
    type: 'A',
    contents: ['192.0.2.66'],
  });
  return [
    `zone_missing ${gone}`,
    `record_missing www.${missing}. A`,
    `record_changed www.${changed}. A`,
    `record_foreign evil.${foreign}. A`,
  ];
}

export async function driftAtRegistrar({ outside }: Stage, { domains }: Estate): Promise<Made> {
  const [away, delegated, renewed] = domains.map(({ name }) => name);
  await outside.act('registrar', 'transfer-away', { name: away });
  await outside.act('registrar', 'set-nameservers', { name: delegated, nameservers: ['ns1.elsewhere.test'] });
  await outside.act('registrar', 'set-expiry', { name: renewed, expiresAt: '2029-01-01T00:00:00.000Z' });
  return [`domain_transferred ${away}`, `domain_nameservers ${delegated}`, `domain_expiry ${renewed}`];
}

export async function driftAtCa({ outside }: Stage, { certificates }: Estate): Promise<Made> {
  const [revoked, overdue] = certificates;
  await outside.act('acme', 'revoke', { serial: revoked?.serial });
  const now = { kind: 'switch', name: 'ari-now' } as const;
  await outside.fault('acme', { match: overdue?.ariId ?? '', phase: 'switch', times: null, action: now });
  return [`certificate_revoked ${revoked?.serial}`, `certificate_overdue ${overdue?.serial}`];
}

export async function driftAtStripe(stage: Stage, { payments, tenantId }: Estate): Promise<Made> {
  const [paid, disputed, returned, failed] = payments;
  const created = Math.floor(Date.now() / 1000) - 600;
  const unbooked = await charge(stage, { invoiceId: paid?.invoiceId ?? '', created });
  const unknown = await charge(stage, { invoiceId: randomUUID(), created });
  await stage.outside.act('stripe', 'dispute', { charge: disputed?.charge });
  const foreign = await refund(stage, returned?.reference ?? '', 'none of ours');
  const bounced = await refund(stage, failed?.reference ?? '', 'item/x');
  await insert(stage, 'refund', [
    {
      id: randomUUID(),
      tenant_id: tenantId,
      payment_id: failed?.id,
      key: 'item/x',
      amount: 100,
      reason: 'x',
      status: 'succeeded',
      stripe_id: bounced,
    },
  ]);
  // Its event would mend it before anybody compares.
  const lost = { kind: 'switch', name: 'webhook-lost' } as const;
  await stage.outside.fault('stripe', { match: '^refund\\.failed$', phase: 'switch', action: lost });
  await stage.outside.act('stripe', 'refund-fail', { refund: bounced });
  return [
    ...[
      `charge_unbooked ${unbooked.reference}`,
      `charge_unknown ${unknown.reference}`,
      `charge_disputed ${disputed?.reference}`,
    ],
    ...[`refund_foreign ${foreign}`, `refund_failed ${bounced}`],
  ];
}

/** By somebody who has the key: in the dashboard, or by a script. */
async function refund({ platform: { env } }: Stage, paymentIntent: string, key: string): Promise<string> {
  const answer = await fetch(`${env.STRIPE_API_URL}/v1/refunds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.STRIPE_SECRET_KEY}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ payment_intent: paymentIntent, amount: '100', 'metadata[key]': key }),
  });
  return ((await answer.json()) as { id: string }).id;
}

/** @param waiting two orders that wait for their payment */
export async function driftAtTemporal(stage: Stage, { tenantId }: Estate, waiting: [string, string]): Promise<Made> {
  const [ended, missing] = await Promise.all(waiting.map((jobId) => workflowOf(stage, jobId)));
  const orphan = `dns_apply/${tenantId}/${randomUUID()}`;
  const key = defineSearchAttributeKey('JobType', SearchAttributeType.KEYWORD);
  await withEngine(stage.platform.env, async (workflow) => {
    await workflow.getHandle(String(ended)).terminate('by hand');
    const { connection } = workflow;
    await workflow.getHandle(String(missing)).terminate('by hand');
    await connection.workflowService.deleteWorkflowExecution({
      namespace: workflow.options.namespace,
      workflowExecution: { workflowId: String(missing) },
    });
    // The second is a neighbour's, in the same namespace: none of ours.
    for (const [workflowId, taskQueue] of [
      [orphan, 'mpanel'],
      [`neighbour/${orphan}`, 'nobody'],
    ] as const)
      await workflow.start('dns_apply', {
        ...{ workflowId, taskQueue, args: [], startDelay: '1 day' as const },
        typedSearchAttributes: new TypedSearchAttributes([{ key, value: 'dns_apply' }]),
      });
    await until(
      'the server tells so',
      async () => {
        const open = (await runsOf(workflow, "ExecutionStatus = 'Running'")).map(({ workflowId }) => workflowId);
        const known = await workflow
          .getHandle(String(missing))
          .describe()
          .then(
            () => true,
            () => false,
          );
        return open.includes(orphan) && !open.includes(String(ended)) && !open.includes(String(missing)) && !known;
      },
      60_000,
    );
  });
  return [`run_ended ${ended}`, `run_missing ${missing}`, `run_orphan ${orphan}`];
}

async function workflowOf(stage: Stage, jobId: string): Promise<string> {
  const [row] = await stage.sql<{ id: string }>('select workflow_id as id from job where id = $1', [jobId]);
  return String(row?.id);
}
