import { AsyncLocalStorage } from 'node:async_hooks';

interface Waiting<Q, A> {
  question: Q;
  answer(it: A): void;
  fail(why: unknown): void;
}

/**
 * Asks for many at once: while a batch is under way whoever comes waits, and the next one asks for all of them, so that
 * nobody is told what was so before he came. `ask` answers in the order in which it was asked; where it fails, all of the
 * batch fail. It runs in the async context in which this was made: a batch is in the name of none of those who are in it.
 */
export function batched<Q, A>(ask: (questions: Q[]) => Promise<A[]>): (question: Q) => Promise<A> {
  const where = AsyncLocalStorage.snapshot();
  let waiting: Waiting<Q, A>[] = [];
  let busy = false;

  async function askFor(batch: Waiting<Q, A>[]): Promise<void> {
    try {
      const answers = await ask(batch.map(({ question }) => question));
      for (const [index, { answer }] of batch.entries()) answer(answers[index] as A);
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  }

  async function run(): Promise<void> {
    busy = true;
    for (let batch = waiting; batch.length; batch = waiting) {
      waiting = [];
      await askFor(batch);
    }
    busy = false;
  }

  return (question) =>
    new Promise((answer, fail) => {
      waiting.push({ question, answer, fail });
      if (!busy) where(() => void run());
    });
}
