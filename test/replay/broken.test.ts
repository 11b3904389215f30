import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowBundle } from '@temporalio/worker';
import { bundleFrom, bundleWorkflows } from '../../workers/bundle.ts';
import { sagas } from '../../workflows/sagas.ts';
import { type Recorded, readHistory, recorded } from './recorded.ts';
import { replay } from './replay.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const all = recorded();
const of =
  (type: string, ...paths: string[]) =>
  (each: Recorded) =>
    each.type === type && (!paths.length || paths.includes(each.path));

let code: string;
beforeAll(async () => {
  const bundle = await bundleWorkflows();
  if (!('code' in bundle)) throw new Error('the bundle is no text');
  code = bundle.code;
});

/** The production bundle with every place of a text changed; the text must be there. */
function changed(from: string | RegExp, to: string): WorkflowBundle {
  const broken = code.replaceAll(from, to);
  if (broken === code) throw new Error(`the bundle does not say ${from}`);
  return { code: broken };
}

/** What does not replay any more, all of it because the workflow does something else than it did. */
async function brokenBy(bundle: WorkflowBundle, histories: readonly Recorded[]): Promise<string[]> {
  const failures = await replay(bundle, histories);
  for (const error of failures.values()) expect(error.name).toBe('DeterminismViolationError');
  return [...failures.keys()].sort();
}

const files = (histories: readonly Recorded[]) => histories.map(({ file }) => file).sort();

test('activities renamed: nothing replays, whatever its type and path', async () => {
  const names = all.flatMap((each) =>
    (readHistory(each).events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
    ),
  );
  const renamed = changed(new RegExp(`\\b(${[...new Set(names)].join('|')})\\b`, 'g'), '$1Anew');
  expect(await brokenBy(renamed, all)).toEqual(files(all));
});

/** Sagas of which something was undone in the plural. */
const manyUndone = new Set(
  sagas.filter(({ steps }) => steps.filter(({ undo }) => undo).length > 1).map(({ type }) => String(type)),
);
const slow = new Set(sagas.filter(({ forwardOnly }) => forwardOnly).map(({ type }) => String(type)));

describe.each<{ what: string; from: string | RegExp; to: string; strikes: (each: Recorded) => boolean }>([
  {
    what: 'two steps of a saga change places',
    from: /do: '(?:configureGuest|publishInstance)'/g,
    to: "do: 'startGuest'",
    strikes: of('cloudpod_provision'),
  },
  {
    what: 'what was done is undone in the order in which it was done',
    from: 'at + 1).toReversed()',
    to: 'at + 1)',
    strikes: ({ type, path }) => path === 'compensated' && manyUndone.has(type),
  },
  {
    what: 'a blocked forward-only job waits without a deadline',
    from: /condition\)\((\w+), ms\)/g,
    to: 'condition)($1)',
    strikes: ({ type, path }) => path === 'blocked' && slow.has(type),
  },
  {
    what: 'an order waits for its money without a deadline',
    from: '()=>unsettled > 0 || cancelled, due)',
    to: '()=>unsettled > 0 || cancelled)',
    strikes: of('order_fulfil'),
  },
  {
    what: 'an order is not finished after its delivery',
    from: "await host.insist('finishOrder', 'finish order')",
    to: "'active'",
    strikes: of('order_fulfil', 'happy', 'blocked', 'compensated', 'unheard', 'twice'),
  },
  {
    what: 'the customer is told before surplus money is looked at',
    from: /insist\('settlePayments', 'settle payments'\);(\s+)await host\.insist\('sendOrderMails'/g,
    to: "insist('sendOrderMails', 'settle payments');$1await host.insist('settlePayments'",
    strikes: of('payment_settle'),
  },
  {
    what: 'a service is destroyed before its subscription ends',
    from: "do: 'endSubscription'",
    to: "do: 'destroyService'",
    strikes: of('subscription_cancel', 'happy', 'blocked'),
  },
])('$what', ({ from, to, strikes }) => {
  test('seen by its histories, and by no other', async () => {
    const struck = all.filter(strikes);
    const near = all.filter((each) => struck.some(({ type }) => type === each.type));
    expect(struck).not.toEqual([]);
    expect(await brokenBy(changed(from, to), near)).toEqual(files(struck));
  });
});

/** docs/changing-workflows.md, as it is written there. */
describe('a step more in a saga', () => {
  const dirs: string[] = [];
  afterAll(() => {
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  });

  async function withChange(file: string, changes: [string, string][]): Promise<WorkflowBundle> {
    mkdirSync(join(ROOT, '.cache'), { recursive: true });
    const dir = mkdtempSync(join(ROOT, '.cache', 'changed-'));
    dirs.push(dir);
    for (const folder of ['workflows', 'core']) cpSync(join(ROOT, folder), join(dir, folder), { recursive: true });
    let text = readFileSync(join(dir, file), 'utf8');
    for (const [from, to] of changes) {
      expect(text).toContain(from);
      text = text.replace(from, to);
    }
    writeFileSync(join(dir, file), text);
    return bundleFrom(dir);
  }

  const STEP: [string, string] = [
    "{ name: 'renew', do: 'renewDomain' },",
    "{ name: 'renew', do: 'renewDomain' },\n    { name: 'write zone', do: 'applyZone' },",
  ];
  const histories = all.filter(of('domain_renew'));

  test('just so: runs that have begun break', async () => {
    const bundle = await withChange('workflows/domain/register.ts', [STEP]);
    // One that was undone never came past the step that is new.
    const past = histories.filter(({ path }) => path !== 'compensated');
    expect(await brokenBy(bundle, histories)).toEqual(files(past));
  });

  test('behind patched(): runs that have begun go on with the list they began with', async () => {
    const page = readFileSync(join(ROOT, 'docs/changing-workflows.md'), 'utf8');
    const [, before = '', after = ''] =
      /```ts\n(const before.*?)```.*?```ts\n(export const domain_renew.*?)```/s.exec(page) ?? [];
    const bundle = await withChange('workflows/domain/register.ts', [
      [
        "import { processOf } from '../process.ts';",
        "import { patched } from '@temporalio/workflow';\nimport { type Process, processOf } from '../process.ts';",
      ],
      STEP,
      ['export const domain_renew = processOf(domainRenew);', `${before}\n${after}`],
    ]);
    expect(await brokenBy(bundle, histories)).toEqual([]);
  });
});
