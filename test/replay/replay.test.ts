import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { bundleWorkflows } from '../../workers/bundle.ts';
import * as workflows from '../../workflows/index.ts';
import { pathsOf, WORKFLOW_TYPES } from './paths.ts';
import { folders, HISTORIES, NEXT, readHistory, recorded } from './recorded.ts';
import { altered } from './release.ts';
import { replay } from './replay.ts';

const all = recorded();

test('there is no other workflow in the bundle', () => {
  expect(Object.keys(workflows).sort()).toEqual([...WORKFLOW_TYPES].sort());
});

describe('what is recorded', () => {
  test.each(WORKFLOW_TYPES)('%s: every path it can take', (type) => {
    const there = all.filter((each) => each.type === type).map(({ path }) => path);
    const missing = (pathsOf(type) ?? ['what paths it has: test/replay/paths.ts']).filter(
      (path) => !there.includes(path),
    );
    // Named here: add it to test/replay/studio, then npm run histories.
    expect(missing).toEqual([]);
  });

  test('each is of a type and path that there is, and of a run that has ended', () => {
    for (const each of all) {
      expect(pathsOf(each.type)).toContain(each.path);
      const { events = [] } = readHistory(each);
      const [started] = events ?? [];
      expect([each.file, started?.workflowExecutionStartedEventAttributes?.workflowType?.name]).toEqual([
        each.file,
        each.type,
      ]);
      expect([each.file, events?.at(-1)?.workflowExecutionCompletedEventAttributes]).toEqual([
        each.file,
        expect.anything(),
      ]);
    }
  });

  // Without these a replay is lenient: a wrong activity passes.
  test('each was made by a server that keeps the SDK’s flags', () => {
    for (const each of all) {
      const flags = (readHistory(each).events ?? []).flatMap(
        ({ workflowTaskCompletedEventAttributes: task }) => task?.sdkMetadata?.coreUsedFlags ?? [],
      );
      expect([each.file, flags.length > 0]).toEqual([each.file, true]);
    }
  });

  test('each can be read without a key', () => {
    for (const { file } of all) {
      const encodings = readFileSync(join(HISTORIES, file), 'utf8').matchAll(/"encoding":"([^"]+)"/g);
      const readable = [...encodings].map(([, text = '']) => Buffer.from(text, 'base64').toString());
      expect([file, [...new Set(readable)].filter((name) => !/^(json\/plain|binary\/null)$/.test(name))]).toEqual([
        file,
        [],
      ]);
    }
  });

  test('released ones are as they were released', () => {
    expect(altered()).toEqual([]);
  });

  test('folders are versions, or the one to come', () => {
    expect(folders().filter((name) => name !== NEXT && !/^\d+\.\d+\.\d+$/.test(name))).toEqual([]);
  });
});

describe('the production bundle', () => {
  let bundle: WorkflowBundle;
  beforeAll(async () => {
    bundle = await bundleWorkflows();
  });

  test('replays every history', async () => {
    expect(Object.fromEntries(await replay(bundle, all))).toEqual({});
  });

  // What one worker could read another may not be able to, and the other way round.
  test.each(all.filter(({ type }) => type === 'order_fulfil'))(
    '$file: whatever is said with a payment',
    async (each) => {
      const history = readHistory(each);
      const same = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"the same"') };
      for (const { workflowExecutionSignaledEventAttributes: signal } of history.events ?? [])
        if (signal?.signalName === 'payment') signal.input = { payloads: [same] };
      await Worker.runReplayHistory({ workflowBundle: bundle, replayName: 'same' }, history, each.file);
    },
  );
});
