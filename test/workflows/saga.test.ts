import { describe, expect, test } from '@jest/globals';
import type { Decision } from '../../workflows/catalog.ts';
import type { StepActivity } from '../../workflows/contract.ts';
import { type Host, runSaga, type Saga, StepFailure } from '../../workflows/saga.ts';

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
