import { join } from 'node:path';
import { type Context, claim, ROOT } from './context.ts';
import type { Part } from './part.ts';
import { reachTemporal, startTemporal } from './temporal.ts';
import { ensureSearchAttributes } from './temporal-attributes.ts';
import { findTemporal } from './temporal-binary.ts';

/** Temporal: TEMPORAL_ADDRESS where it is set, else a server of our own with its UI. */
export async function enginePart(context: Context): Promise<Part> {
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE = 'default' } = context.env;
  if (TEMPORAL_ADDRESS) {
    await reachTemporal(TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE);
    return {
      env: { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE },
      addresses: { address: TEMPORAL_ADDRESS, namespace: TEMPORAL_NAMESPACE },
    };
  }
  const binary = await findTemporal({ env: context.env, cache: join(ROOT, '.cache/bin'), say: context.say });
  const ports = {
    rpc: await claim(context, 'temporal', 7233),
    ui: await claim(context, 'temporalUi', 8233),
    metrics: await claim(context, 'temporalMetrics', 9233),
  };
  const api = context.env.PUBLIC_URL || `http://127.0.0.1:${context.apiPort}`;
  const child = await startTemporal({ ...context, binary, ports, codecEndpoint: `${api}/codec` });
  const address = `127.0.0.1:${ports.rpc}`;
  await ensureSearchAttributes(address, 'default');
  return {
    env: {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: 'default',
      // A browser takes each name of this machine for an origin of its own.
      TEMPORAL_UI_ORIGINS: ['127.0.0.1', 'localhost'].map((host) => `http://${host}:${ports.ui}`).join(','),
    },
    addresses: {
      address,
      namespace: 'default',
      uiUrl: `http://127.0.0.1:${ports.ui}`,
      metricsUrl: `http://127.0.0.1:${ports.metrics}/metrics`,
    },
    child,
  };
}
