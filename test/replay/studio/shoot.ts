import type { WorkflowClient } from '@temporalio/client';
import { readableHistory, runsOf, withEngine } from '../../e2e/stage/engine.ts';
import { until } from '../../support/until.ts';
import { isJob, pathsOf, type WorkflowType } from '../paths.ts';
import { type History, writeHistory } from '../recorded.ts';
import { openStudio, PATIENCE_MS, type Studio } from './index.ts';
import { ROLES } from './roles.ts';
import { FIRST, SCENES, type Scene } from './scenes.ts';

/** What is to be recorded. */
export interface Wanted {
  type: WorkflowType;
  path: string;
}
interface Taken extends Wanted {
  jobId: string;
}
/** One that stands still until it is decided what becomes of it. */
interface Trouble extends Wanted {
  ready(studio: Studio): Promise<() => Promise<string>>;
}

/** So many are made ready at a time. */
const AT_ONCE = 6;
const VERDICTS: Record<string, 'retry' | 'give-up'> = { blocked: 'retry', compensated: 'give-up' };
const EASY: readonly Scene[] = ROLES.map(({ type, path = 'happy', ready }) => ({
  ...{ type, path },
  play: async (studio) => (await ready(studio))(),
}));
const TROUBLES: readonly Trouble[] = ROLES.flatMap(({ type, ready }) =>
  Object.keys(VERDICTS)
    .filter((path) => pathsOf(type)?.includes(path) && !SCENES.some((scene) => same(scene, { type, path })))
    .map((path) => ({ type, path, ready })),
);

/** Plays what is wanted on a platform of its own and writes the histories. Answers in words what could not be recorded. */
export async function shoot(wanted: readonly Wanted[]): Promise<string[]> {
  const failures = new Map<Wanted, string>();
  const is = (one: Wanted) => wanted.some((each) => same(one, each));
  async function take<T>(one: Wanted, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      failures.set(one, `${one.type}.${one.path}: ${(error as Error).message}`);
      return undefined;
    }
  }

  const studio = await openStudio();
  try {
    const taken: Taken[] = [];
    const play = (scene: Scene) =>
      take(scene, async () => {
        const jobId = await scene.play(studio);
        taken.push({ type: scene.type, path: scene.path, jobId });
        if (!FIRST.includes(scene)) await studio.over(jobId);
      });
    const troubles: (Trouble & { begin: () => Promise<string> })[] = [];
    const prepare = (one: Trouble) => take(one, async () => troubles.push({ ...one, begin: await one.ready(studio) }));

    await inTurns(
      1,
      FIRST.filter(is).map((scene) => () => play(scene)),
    );
    await inTurns(AT_ONCE, [
      ...[...SCENES, ...EASY].filter(is).map((scene) => () => play(scene)),
      ...TROUBLES.filter(is).map((one) => () => prepare(one)),
    ]);
    await Promise.all(taken.map((one) => take(one, () => studio.over(one.jobId))));
    await studio.break();
    const stuck: Taken[] = [];
    const begin = (one: (typeof troubles)[number]) =>
      take(one, async () => {
        const jobId = await one.begin();
        await studio.blocked(jobId);
        stuck.push({ type: one.type, path: one.path, jobId });
      });
    await Promise.all(troubles.map(begin));
    await studio.mend();
    for (const one of stuck) await take(one, () => studio.decide(one.jobId, VERDICTS[one.path]!));

    await withEngine(studio.platform.env, async (workflow) => {
      for (const one of [...taken, ...stuck])
        await take(one, async () => writeHistory(one.type, one.path, await ofJob(studio, workflow, one.jobId)));
      for (const one of asked(wanted))
        await take(one, async () => writeHistory(one.type, one.path, await ofType(studio, workflow, one.type)));
    });
    const known = [...taken, ...stuck, ...failures.keys(), ...asked(wanted)];
    const unknown = wanted.filter((one) => !known.some((each) => same(each, one)));
    return [...failures.values(), ...unknown.map(({ type, path }) => `${type}.${path}: nobody knows how to play it`)];
  } finally {
    await studio.close();
  }
}

function same(one: Wanted, other: Wanted): boolean {
  return one.type === other.type && one.path === other.path;
}

async function inTurns(count: number, work: (() => Promise<unknown>)[]): Promise<void> {
  const queue = work.values();
  await Promise.all(
    Array.from({ length: count }, async () => {
      for (const next of queue) await next();
    }),
  );
}

async function ofJob(studio: Studio, workflow: WorkflowClient, jobId: string): Promise<History> {
  await studio.over(jobId);
  const [row] = await studio.sql<{ workflow_id: string }>('select workflow_id from job where id = $1', [jobId]);
  const handle = workflow.getHandle(String(row?.workflow_id));
  await until('the run is closed', async () => (await handle.describe()).status.name !== 'RUNNING', PATIENCE_MS);
  return readableHistory(studio.platform.env, workflow, handle.workflowId);
}

/** What has no job: any run that was completed will do. */
const asked = (wanted: readonly Wanted[]) => wanted.filter(({ type }) => !isJob(type));

async function ofType(studio: Studio, workflow: WorkflowClient, type: string): Promise<History> {
  await studio.admin.get(`/domains/search?q=${studio.name()}`);
  await studio.checkout((await studio.place(studio.domain(studio.name()))).invoice.id);
  await studio.reconcile();
  const query = `WorkflowType = '${type}' AND ExecutionStatus = 'Completed'`;
  const run = await until(`a ${type}`, async () => (await runsOf(workflow, query))[0], PATIENCE_MS);
  return readableHistory(studio.platform.env, workflow, run.workflowId, run.runId);
}
