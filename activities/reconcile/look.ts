import type { EntityManager } from '@mikro-orm/postgresql';
import type { DriftSystem } from '../../core/drift.ts';
import { ProviderError } from '../../core/errors.ts';
import { closeFinding, isInFlight, keepFinding, noteCheck, openFindings } from '../../db/queries/findings.ts';
import type { DriftReport } from '../../workflows/contract.ts';
import type { Deps } from '../deps.ts';
import type { Comparer, Held, Suspect } from './comparer.ts';

/** So many suspects are looked at singly in one cycle; the rest waits for the next. */
const SUSPECTS_MAX = 500;

/** One look at one system: what differs and holds is written down, what does not differ any more is closed. */
export async function look(deps: Pick<Deps, 'em'>, comparer: Comparer): Promise<DriftReport> {
  const { system } = comparer;
  const checkedAt = new Date();
  const report: DriftReport = { system, ok: true, compared: 0, found: 0, closed: 0, detail: '' };
  try {
    const { suspects, more } = await gather(deps, comparer, report);
    for (const suspect of suspects) await settle(deps, comparer, suspect, checkedAt, report);
    report.detail = `${report.compared} compared${more ? `, ${more} left for the next cycle` : ''}`;
  } catch (error) {
    if (!isSilence(error)) throw error;
    report.ok = false;
    report.detail = (error as Error).message;
  }
  await noteCheck(deps.em(), { system, ok: report.ok, detail: report.detail, checkedAt });
  return report;
}

/** What is known is looked at again in any case: that is how it is closed. */
async function gather({ em }: Pick<Deps, 'em'>, comparer: Comparer, progress: { compared: number }) {
  const known: Suspect[] = await openFindings(em(), comparer.system, SUSPECTS_MAX);
  const all = new Map(known.map((one) => [keyOf(one), one]));
  let more = 0;
  for await (const one of comparer.suspects(progress)) {
    if (all.has(keyOf(one))) continue;
    if (all.size < 2 * SUSPECTS_MAX) all.set(keyOf(one), one);
    else more++;
  }
  return { suspects: [...all.values()], more };
}

const keyOf = ({ kind, subject }: Suspect) => `${kind} ${subject}`;

async function settle(
  { em }: Pick<Deps, 'em'>,
  comparer: Comparer,
  suspect: Suspect,
  since: Date,
  report: DriftReport,
): Promise<void> {
  const held = await comparer.again(suspect);
  await em().transactional(async (tx) => {
    if (!held) {
      if (isKnown(suspect) && (await closeFinding(tx, suspect.id))) report.closed++;
    } else if (!(await isInFlight(tx, held.touching, since)) && (await keep(tx, held))) report.found++;
  });
}

const isKnown = (suspect: Suspect): suspect is Suspect & { id: string } => 'id' in suspect;

function keep(tx: EntityManager, { touching: _, ...found }: Held): Promise<boolean> {
  return keepFinding(tx, found);
}

/** The system did not answer, or not as it should: nothing follows from that. What is wrong on our side goes on as it is. */
const isSilence = (error: unknown): boolean => error instanceof ProviderError;

export type Comparers = Record<DriftSystem, Comparer>;
