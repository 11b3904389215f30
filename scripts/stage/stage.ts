import type { QueryResultRow } from 'pg';
import { type Api, type Login, signIn } from '../demo/api.ts';
import { callJson } from '../demo/http.ts';
import { withClient } from '../launch/database.ts';
import { type Platform, startPlatform } from '../launch/platform.ts';
import { freePort } from '../launch/ports.ts';
import type { Say } from '../launch/say.ts';
import { type Outside, outside } from './outside.ts';
import { addRoom } from './room.ts';

const ADMIN = { email: 'admin@mpanel.test', password: 'a-stage-password' };

/** A platform under load, as its clients and the outside see it. */
export interface Stage {
  platform: Platform;
  /** The settings that it was started with. */
  env: NodeJS.ProcessEnv;
  signIn(): Promise<Api>;
  admin: Login;
  outside: Outside;
  /** Guests at Proxmox that are no templates. */
  guests(): Promise<number>;
  sql<T extends QueryResultRow>(text: string): Promise<T[]>;
}

/**
 * A whole platform of its own in `dataDir`, embedded servers that write to disk as always, stand-ins that answer at once
 * unless `settings` say otherwise, limits out of the way and room for so many guests.
 */
export async function startStage(
  dataDir: string,
  guests: number,
  signal: AbortSignal,
  settings: Record<string, string> = {},
  say?: Say,
): Promise<Stage> {
  const { PATH, HOME, CI, TEMPORAL_CLI_PATH } = process.env;
  const env = {
    ...{ PATH, HOME, CI, TEMPORAL_CLI_PATH, DATA_DIR: dataDir, PORT: String(await freePort()) },
    ...{
      SEED: 'demo',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      SANDBOX_SPEED: '0',
      LOG_LEVEL: 'warn',
    },
    ...{ RATE_LIMIT_ADDRESS: '1000000000', RATE_LIMIT_TENANT: '1000000000', UNPAID_ORDERS_MAX: '1000000000' },
    ...settings,
  };
  const platform = await startPlatform({ env, signal, ...(say ? { say } : {}) });
  await addRoom(String(platform.env.DATABASE_URL), guests);
  return {
    platform,
    env,
    signIn: () => signIn(platform.url, ADMIN),
    admin: ADMIN,
    outside: outside(String(platform.parts().sandbox?.controlUrl)),
    guests: () => countGuests(platform.env),
    sql: <T extends QueryResultRow>(text: string) =>
      withClient(String(platform.env.DATABASE_URL), async (client) => (await client.query<T>(text)).rows),
  };
}

async function countGuests({ PROXMOX_URL, PROXMOX_TOKEN_ID, PROXMOX_TOKEN_SECRET }: NodeJS.ProcessEnv) {
  const headers = { authorization: `PVEAPIToken=${PROXMOX_TOKEN_ID}=${PROXMOX_TOKEN_SECRET}` };
  const { data } = (await callJson(`${PROXMOX_URL}/api2/json/cluster/resources?type=vm`, { headers })) as {
    data: { template?: number }[];
  };
  return data.filter(({ template }) => !template).length;
}
