import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PartName } from '../../scripts/launch/context.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage/index.ts';

describe('workers and API that are started before what they need', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ ownServers: true });
    for (const part of ['api', 'workers', 'temporal', 'postgres'] as const) await stage.platform.kill(part);
  }, 180_000);
  afterAll(() => stage?.close());

  /** What a load balancer is told; nothing at all while the process is not up yet. */
  async function health(part: 'api' | 'workers'): Promise<{ status: number; body: Record<string, unknown> }> {
    const { url } = stage.platform.parts()[part] as { url: string };
    const response = await fetch(`${url}${part === 'api' ? '/api' : ''}/health`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  test('each waits, not ready, and comes up by itself; an order placed without the engine is delivered with it', async () => {
    const up = new Map<PartName, Promise<void>>();
    for (const part of ['workers', 'api'] as const) up.set(part, stage.platform.start(part));
    for (const part of ['workers', 'api'] as const)
      expect(await until(`${part} answers`, () => health(part))).toMatchObject({ status: 503 });
    await expect(stage.customer()).rejects.toMatchObject({ status: 503, code: expect.any(String) });

    await stage.platform.start('postgres');
    await up.get('api');
    expect(await health('api')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await health('workers')).toMatchObject({ status: 503, body: { ready: false } });
    const { order, invoice } = await stage.place(await stage.customer(), [stage.pod(undefined, { sku: 'CPOD-CT' })]);
    await expect(stage.checkout(invoice.id)).rejects.toMatchObject({ code: expect.stringMatching(/^PROVIDER_/) });

    await stage.platform.start('temporal');
    await up.get('workers');
    expect(await health('workers')).toMatchObject({ status: 200, body: { ready: true } });
    await stage.pay(invoice.id);
    expect(await stage.ended(order.id)).toMatchObject({ status: 'active' });
  }, 120_000);
});
