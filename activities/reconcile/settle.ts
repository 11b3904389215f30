import { DRIFT } from '../../core/drift.ts';
import { NotNow, ProviderError } from '../../core/errors.ts';
import { Finding } from '../../db/entities/index.ts';
import { get } from '../../db/queries/entity.ts';
import { beginMending, closeFinding, isInFlight } from '../../db/queries/findings.ts';
import type { StepRef } from '../../workflows/contract.ts';
import type { Deps } from '../deps.ts';
import type { Comparer, Held } from './comparer.ts';
import type { Comparers } from './look.ts';

/** A shown finding ends when a look does not see it any more, which wakes its job; this is for a lost call. */
const DAY_MS = 86_400_000;
const BUSY_MS = 60_000;

/** What becomes of a finding: mended where that is safe, else shown until it is gone. */
export async function settleDrift(
  deps: Pick<Deps, 'em' | 'config'>,
  comparers: Comparers,
  ref: StepRef,
): Promise<void> {
  const began = new Date();
  const finding = await get(deps.em(), Finding, ref.targetId);
  if (finding.state !== 'open') return;
  const comparer = comparers[finding.system];
  const repair = comparer.repairs[finding.kind];
  if (DRIFT[finding.kind].cure === 'show' || !repair) throw new NotNow(finding.text, DAY_MS);
  const held = await comparer.again(finding);
  if (!held) return close(deps, finding);
  await whileIdle(deps, held, began);
  if (!(await beginMending(deps.em(), finding.id))) return;
  await repair({ ...ref, targetId: held.resourceId ?? ref.targetId }, held);
  const left = await comparer.again(held);
  if (left) {
    await whileIdle(deps, left, began);
    throw notMended(left, comparer);
  }
  await close(deps, finding);
}

/** Another job may be what mends it, or what it only seems to be: it is waited for. */
async function whileIdle(deps: Pick<Deps, 'em' | 'config'>, held: Held, since: Date): Promise<void> {
  if (await isInFlight(deps.em(), held.touching, since))
    throw new NotNow(`${held.text}; something is being done to it`, BUSY_MS * deps.config.RETRY_SCALE);
}

/** Mended is what a look afterwards finds mended. */
function notMended({ text }: Held, { system: provider }: Comparer): ProviderError {
  return new ProviderError({
    provider,
    operation: 'repair',
    kind: 'unknown',
    detail: `${text}, though it was just mended`,
  });
}

async function close(deps: Pick<Deps, 'em'>, finding: Finding): Promise<void> {
  await deps.em().transactional((tx) => closeFinding(tx, finding.id));
}
