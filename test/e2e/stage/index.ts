import { withClient } from '../../../scripts/launch/database.ts';
import { type Client, signIn } from '../../support/client.ts';
import { mustBeGenuine } from '../../support/genuine.ts';
import { startTestPlatform, type TestPlatformOptions } from '../../support/platform.ts';
import { until } from '../../support/until.ts';
import { type Outside, outside } from './outside.ts';
import { shop } from './shop.ts';
import { world } from './world.ts';

const ADMIN = { email: 'admin@mpanel.test', password: 'e2e-password-1' };
/** Nothing is renewed by itself: counted from 1970, no sweep comes before 2033. */
export const NO_SWEEPS = { SWEEP_SECONDS: '1000000000' };
const ROOMY = { RATE_LIMIT_ADDRESS: '1000000', RATE_LIMIT_TENANT: '1000000' };

/** A platform of real processes with the demo's catalogue, an administrator at its desk, and the world outside. */
export async function openStage(options: TestPlatformOptions = {}) {
  const env = { SEED: 'demo', ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password, ...ROOMY, ...options.env };
  const platform = await startTestPlatform({ ...options, env });
  try {
    const admin = await signIn(platform.url, ADMIN);
    await until('the seeded zones are written', () => seeded(admin), 30_000);
    const controls = outside(platform.controlUrl);
    return {
      platform,
      admin,
      /** Of `admin`. */
      login: ADMIN,
      outside: controls,
      world: world(controls, platform.env),
      ...(await shop(admin)),
      /** Rows that no endpoint shows. */
      sql: <T>(text: string, values: unknown[] = []): Promise<T[]> =>
        withClient(String(platform.env.DATABASE_URL), async (client) => (await client.query(text, values)).rows as T[]),
      /** Stops all of it. @throws with what the genuine systems would have refused of all that was asked */
      async close(): Promise<void> {
        const logs = platform.parts().sandbox?.pid ? await logsOf(controls) : [];
        await platform.stop();
        for (const [system, log] of logs) await mustBeGenuine(system, log);
      },
    };
  } catch (error) {
    await platform.stop();
    throw error;
  }
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

const logsOf = (controls: Outside) =>
  Promise.all(
    (['registrar', 'proxmox', 'stripe'] as const).map(
      async (system) => [system, await controls.requests(system)] as const,
    ),
  );

async function seeded(admin: Client): Promise<boolean> {
  const { items } = await admin.get<{ items: { status: string }[] }>('/jobs?type=dns_apply');
  return items.length > 0 && items.every(({ status }) => status === 'completed');
}
