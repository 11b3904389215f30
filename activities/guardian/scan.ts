import { ProviderError, Refused } from '../../core/errors.ts';
import { type CheckProgress, missedIn } from '../../core/guardian.ts';
import { GuardianScan } from '../../db/entities/index.ts';
import { audit } from '../../db/queries/audit.ts';
import { get, set } from '../../db/queries/entity.ts';
import { lockRow } from '../../db/queries/rows.ts';
import { keepLooks, type Look, resolveGone, type SeenWeakness, type Unjudged } from '../../db/queries/weaknesses.ts';
import type { StepRef, StepResult } from '../../workflows/contract.ts';
import type { Deps } from '../deps.ts';
import { stopSignal } from '../poll.ts';
import type { Check, Thing } from './check.ts';
import { inParallel } from './in-parallel.ts';

/** Read, looked at and written down together. */
const PAGE = 100;
/** Looked at at a time. */
const PARALLEL = 8;

/** One check over all things of a tenant, a page at a time: a repeat goes on behind the last page that was written down. */
export async function runCheck(deps: Pick<Deps, 'em'>, check: Check, ref: StepRef): Promise<StepResult> {
  await set(
    deps.em(),
    GuardianScan,
    { id: ref.targetId, status: 'pending' },
    { status: 'running', startedAt: new Date() },
  );
  for (;;) {
    stopSignal()?.throwIfAborted();
    const { checks } = await get(deps.em(), GuardianScan, ref.targetId);
    const progress = progressOf(checks, check);
    const [after, missed] = [progress.cursor, missedIn(progress)];
    if (progress.done) return missed === null ? undefined : { missed };
    const things = await check.things({ tenantId: ref.tenantId, after, limit: PAGE });
    await keep(deps, check, ref, { after, looks: await lookAtAll(things), last: things.length < PAGE });
  }
}

async function lookAtAll(things: Thing[]): Promise<Look[]> {
  return inParallel(things, PARALLEL, async (thing) => {
    const first = await lookAt(thing);
    // What was lost on its way may come through the second time.
    return first.missed === undefined ? first : lookAt(thing);
  });
}

async function lookAt(thing: Thing): Promise<Look> {
  const { id, name } = thing;
  try {
    const seen = await thing.look();
    const unjudged = seen.filter((one): one is Unjudged => 'missed' in one);
    const weaknesses = seen.filter((one): one is SeenWeakness => !('missed' in one));
    const [first] = unjudged;
    return { id, name, weaknesses, ...(first && { missed: first.missed, unjudged: unjudged.map(({ kind }) => kind) }) };
  } catch (error) {
    if (!(error instanceof ProviderError || error instanceof Refused)) throw error;
    return { id, name, weaknesses: [], missed: error.message };
  }
}

interface Page {
  after: string | null;
  looks: Look[];
  last: boolean;
}

/** Unless another attempt, given up but alive, has written this page meanwhile. */
async function keep({ em }: Pick<Deps, 'em'>, check: Check, ref: StepRef, { after, looks, last }: Page): Promise<void> {
  await em().transactional(async (tx) => {
    const scan = await lockRow(tx, GuardianScan, { id: ref.targetId });
    if (!scan) return;
    const before = progressOf(scan.checks, check);
    if (before.done || before.cursor !== after) return;
    await keepLooks(
      tx,
      { tenantId: ref.tenantId, scanId: scan.id, check: check.name, resourceType: check.resourceType },
      looks,
    );
    if (last) await resolveGone(tx, ref.tenantId, check.name, scan.id);
    const now = advanced(before, looks, last);
    scan.checks = scan.checks.map((progress) => (progress.name === check.name ? now : progress));
  });
}

function progressOf(checks: CheckProgress[], { name }: Check): CheckProgress {
  const progress = checks.find((one) => one.name === name);
  if (!progress) throw new Refused(`this scan was begun without ${name}`);
  return progress;
}

function advanced(before: CheckProgress, looks: Look[], done: boolean): CheckProgress {
  const silent = looks.filter(({ missed }) => missed !== undefined);
  const [first] = silent;
  return {
    ...{ name: before.name, done, cursor: looks.at(-1)?.id ?? before.cursor },
    looked: before.looked + looks.length - silent.length,
    found: before.found + looks.reduce((sum, { weaknesses }) => sum + weaknesses.length, 0),
    missed: before.missed + silent.length,
    detail: before.detail ?? (first ? `${first.name}: ${first.missed}` : null),
  };
}

/** Ends a scan, with what came of it in the audit log. */
export async function closeScan({ em }: Pick<Deps, 'em'>, { targetId: id, tenantId }: StepRef): Promise<void> {
  await em().transactional(async (tx) => {
    const ended = { status: 'completed' as const, endedAt: new Date() };
    if (!(await set(tx, GuardianScan, { id, status: { $ne: 'completed' } }, ended))) return;
    const { checks } = await get(tx, GuardianScan, id);
    const sum = (of: 'looked' | 'found' | 'missed') => checks.reduce((total, check) => total + check[of], 0);
    audit(tx, {
      ...{ tenantId, action: 'guardian_scan.completed', resourceType: 'guardian_scan', resourceId: id },
      metadata: { looked: sum('looked'), found: sum('found'), missed: sum('missed') },
    });
  });
}
