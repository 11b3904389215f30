import { cpus, totalmem } from 'node:os';
import { TEMPORAL } from '../scripts/launch/temporal-release.ts';
import type { Stage } from '../scripts/stage/stage.ts';

/** What the figures were taken on. */
export async function machine({ sql }: Pick<Stage, 'sql'>): Promise<Record<string, string | number>> {
  const [server] = await sql<{ version: string }>(
    `select split_part(current_setting('server_version'), ' ', 1) as version`,
  );
  const [cpu] = cpus();
  return {
    cores: cpus().length,
    'memory GiB': Math.round(totalmem() / 2 ** 30),
    cpu: cpu?.model ?? 'unknown',
    Node: process.versions.node,
    PostgreSQL: server?.version ?? 'unknown',
    Temporal: TEMPORAL.server,
  };
}
