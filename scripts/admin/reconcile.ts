import { Finding } from '../../db/entities/index.ts';
import { all } from '../../db/queries/entity.ts';
import { keyRing } from '../../runtime/config.ts';
import { createEngine } from '../../runtime/engine.ts';
import { newId } from '../../runtime/ids.ts';
import { RECONCILE } from '../../workflows/catalog.ts';
import type { DriftReport } from '../../workflows/contract.ts';
import { type Command, Refusal } from './command.ts';

const PATIENCE_MS = 20 * 60_000;

/** The workers do it: the platform has to run. */
export const reconcile: Command = {
  name: 'reconcile',
  synopsis: '',
  about: 'Compares all rows with the outside systems now; shows how that went and every finding that is open.',
  async run({ em, config }) {
    const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, TEMPORAL_TASK_QUEUE: taskQueue } = config;
    const engine = createEngine({ address, namespace, taskQueue, keys: keyRing(config) });
    try {
      const id = `${taskQueue}/reconcile-now-${newId()}`;
      const cycle = await engine.ask<DriftReport[]>(RECONCILE, id, undefined, PATIENCE_MS);
      const open = await all(em, Finding, { state: 'open' }, { orderBy: { firstSeenAt: 'asc' } });
      const findings = open.map(({ system, kind, text, firstSeenAt: since }) => ({ system, kind, text, since }));
      return { cycle: cycle.map((report) => ({ ...report })), findings };
    } catch (error) {
      throw new Refusal(`the cycle did not get through: ${(error as Error).message}`);
    } finally {
      await engine.close();
    }
  },
};
