import { describe, expect, test } from '@jest/globals';
import type { Decision } from '../../workflows/catalog.ts';
import type { StepActivity } from '../../workflows/contract.ts';
import { type Host, patience, runSaga, type Saga, StepFailure } from '../../workflows/saga.ts';

const saga: Saga = {
  type: 'cloudpod_provision',
  steps: [
    { name: 'hold', do: 'holdCapacity', undo: 'releaseCapacity' },
    { name: 'create', do: 'ensureGuest', undo: 'destroyGuest' },
    { name: 'start', do: 'startGuest' },
  ],
};

/** A host that follows a script: what each call of an activity throws, and what is decided at each block. */
function scripted(
  failures: Partial<Record<StepActivity, StepFailure[]>>,
  decisions: (Decision['kind'] | undefined)[] = [],
) {
  const calls: string[] = [];
  const host: Host = {
    async run(activity) {
      calls.push(activity);
      const failure = failures[activity]?.shift();
      if (failure) throw failure;
    },
    async block(step, failure) {
      calls.push(`blocked at ${step}: ${failure.reason}`);
      const kind = decisions.shift();
      return kind && { kind, eventId: 'e', reason: 'operator said so' };
    },
    async skipped(step) {
      calls.push(`skipped ${step}`);
    },
    async compensating() {
      calls.push('compensating');
    },
  };
  return { host, calls };
}

const refused = () => new StepFailure('refused', 'no');
const exhausted = () => new StepFailure('exhausted', 'gave up');

describe('a saga', () => {
  test('runs its steps in order', async () => {
    const { host, calls } = scripted({});
    expect(await runSaga(saga, host)).toEqual({ outcome: 'completed' });
    expect(calls).toEqual(['holdCapacity', 'ensureGuest', 'startGuest']);
  });

  test('undoes the refused step too, newest first: it may have had its effect', async () => {
    const { host, calls } = scripted({ ensureGuest: [refused()] });
    expect(await runSaga(saga, host)).toEqual({ outcome: 'compensated', reason: 'no' });
    expect(calls).toEqual(['holdCapacity', 'ensureGuest', 'compensating', 'destroyGuest', 'releaseCapacity']);
  });

  test('blocks when retries are used up, and resumes at that step', async () => {
    const { host, calls } = scripted({ startGuest: [exhausted()] }, ['retry']);
    expect(await runSaga(saga, host)).toEqual({ outcome: 'completed' });
    expect(calls).toEqual(['holdCapacity', 'ensureGuest', 'startGuest', 'blocked at start: gave up', 'startGuest']);
  });

  test('goes on behind a step that is skipped', async () => {
    const { host, calls } = scripted({ startGuest: [exhausted()] }, ['skip']);
    expect(await runSaga(saga, host)).toEqual({ outcome: 'completed' });
    expect(calls.slice(-2)).toEqual(['blocked at start: gave up', 'skipped start']);
  });

  test('undoes when it is given up, with the reason of who did', async () => {
    const { host, calls } = scripted({ startGuest: [exhausted()] }, ['give-up']);
    expect(await runSaga(saga, host)).toEqual({ outcome: 'compensated', reason: 'operator said so' });
    expect(calls.slice(-2)).toEqual(['destroyGuest', 'releaseCapacity']);
  });

  test('keeps trying an undo that fails, and says so each time', async () => {
    const { host, calls } = scripted({ startGuest: [refused()], destroyGuest: [exhausted(), exhausted()] });
    expect((await runSaga(saga, host)).outcome).toBe('compensated');
    expect(calls.filter((call) => call === 'destroyGuest')).toHaveLength(3);
    expect(calls.filter((call) => call.startsWith('blocked at create'))).toHaveLength(2);
    expect(calls.at(-1)).toBe('releaseCapacity');
  });

  test('a wait that is over is tried again without a decision', async () => {
    const { host, calls } = scripted({ holdCapacity: [new StepFailure('wait', 'no free address', 10)] }, [undefined]);
    expect(await runSaga(saga, host)).toEqual({ outcome: 'completed' });
    expect(calls.filter((call) => call === 'holdCapacity')).toHaveLength(2);
  });
});

test('what only goes forward is never unwound: not refused, not given up', async () => {
  const { host, calls } = scripted({ ensureGuest: [refused(), exhausted()] }, ['give-up', 'retry']);
  expect(await runSaga({ ...saga, forwardOnly: true }, host)).toEqual({ outcome: 'completed' });
  expect(calls).not.toContain('compensating');
  expect(calls.filter((call) => call === 'ensureGuest')).toHaveLength(3);
});

describe('a saga that goes on in a new run', () => {
  const undone = () => scripted({ startGuest: [refused()] });

  test('does not do again what was done', async () => {
    const { host, calls } = scripted({});
    expect(await runSaga(saga, host, { step: 'start' })).toEqual({ outcome: 'completed' });
    expect(calls).toEqual(['startGuest']);
  });

  test('undoes all that it had begun', async () => {
    const { host, calls } = undone();
    await runSaga(saga, host, { step: 'start' });
    expect(calls.slice(-2)).toEqual(['destroyGuest', 'releaseCapacity']);
  });

  test('goes on with its undoing, for the reason that it had', async () => {
    const { host, calls } = undone();
    expect(await runSaga(saga, host, { step: 'hold', undoing: 'no' })).toEqual({
      outcome: 'compensated',
      reason: 'no',
    });
    expect(calls).toEqual(['compensating', 'releaseCapacity']);
  });
});

test('a saga whose step is not in the list any more does or undoes all of it', async () => {
  const forth = scripted({});
  await runSaga(saga, forth.host, { step: 'gone' });
  expect(forth.calls).toEqual(['holdCapacity', 'ensureGuest', 'startGuest']);
  const back = scripted({});
  await runSaga(saga, back.host, { step: 'gone', undoing: 'no' });
  expect(back.calls).toEqual(['compensating', 'destroyGuest', 'releaseCapacity']);
});

describe('what is waited for again and again', () => {
  const waits = (failure: StepFailure, count = 8) =>
    Array.from({ length: count }, (_, times) => (patience(failure, times) ?? 0) / 1000);
  const wait = (ms: number, most?: number) => new StepFailure('wait', 'not yet', ms, most);

  test('is waited for twice as long each time, up to an hour', () => {
    expect(waits(wait(60_000))).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600]);
  });

  test('is not waited for longer than it says, nor shorter', () => {
    expect(waits(wait(5_000, 60_000))).toEqual([5, 10, 20, 40, 60, 60, 60, 60]);
    expect(waits(wait(86_400_000), 3)).toEqual([86_400, 86_400, 86_400]);
  });

  test('is tried less than nine thousand times in a year', () => {
    let tried = 0;
    for (let passed = 0; passed < 365 * 86_400_000; tried++) passed += patience(wait(60_000), tried) ?? 0;
    expect(tried).toBeGreaterThan(8_760);
    expect(tried).toBeLessThan(9_000);
  });

  test('is not tried at all where only a decision helps', () => {
    expect(patience(exhausted(), 3)).toBeUndefined();
  });
});
