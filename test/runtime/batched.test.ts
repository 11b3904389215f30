import { expect, test } from '@jest/globals';
import { asTenant, tenantScope } from '../../db/tenant-scope.ts';
import { batched } from '../../runtime/batched.ts';

/** Asks that wait until they are let go, and what they asked for. */
function asking() {
  const asked: { questions: number[]; go(): void; fail(why: Error): void }[] = [];
  const ask = batched(
    (questions: number[]) =>
      new Promise<string[]>((done, fail) => {
        asked.push({ questions, go: () => done(questions.map((n) => `to ${n}`)), fail });
      }),
  );
  return { asked, ask };
}

const settled = () => new Promise((done) => setImmediate(done));

test('who comes while a question is under way is asked for with the others, after it', async () => {
  const { asked, ask } = asking();
  const answers = Promise.all([1, 2, 3].map(ask));
  expect(asked.map(({ questions }) => questions)).toEqual([[1]]);
  asked[0]?.go();
  await settled();
  expect(asked.map(({ questions }) => questions)).toEqual([[1], [2, 3]]);
  asked[1]?.go();
  expect(await answers).toEqual(['to 1', 'to 2', 'to 3']);
});

test('one that fails is told to all that were in it, and to no other', async () => {
  const { asked, ask } = asking();
  const answers = Promise.allSettled([1, 2, 3].map(ask));
  asked[0]?.go();
  await settled();
  asked[1]?.fail(new Error('away'));
  expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  const again = ask(4);
  asked[2]?.go();
  expect(await again).toBe('to 4');
});

test('it asks in the name of none of those who wait', async () => {
  const scopes: unknown[] = [];
  const ask = batched(async (questions: number[]) => {
    scopes.push(tenantScope());
    return questions;
  });
  await Promise.all(['a', 'b', 'c'].map((tenantId, n) => asTenant(tenantId, () => ask(n))));
  expect(scopes).toEqual(['nobody', 'nobody']);
});
