interface Waiting<Q, A> {
  question: Q;
  answer(it: A): void;
  fail(why: unknown): void;
}

/**
 * Asks for many at once: while a question is under way whoever comes waits, and the next one asks for all of them. Nobody
 * is told what was so before he came. `ask` answers in the order in which it was asked; where it fails, all fail.
 */
export function together<Q, A>(ask: (questions: Q[]) => Promise<A[]>): (question: Q) => Promise<A> {
  let waiting: Waiting<Q, A>[] = [];
  let busy = false;

  async function askFor(asked: Waiting<Q, A>[]): Promise<void> {
    try {
      const answers = await ask(asked.map(({ question }) => question));
      asked.forEach(({ answer }, index) => {
        answer(answers[index] as A);
      });
    } catch (error) {
      for (const { fail } of asked) fail(error);
    }
  }

  async function run(): Promise<void> {
    busy = true;
    for (let asked = waiting; asked.length; asked = waiting) {
      waiting = [];
      await askFor(asked);
    }
    busy = false;
  }

  return (question) =>
    new Promise((answer, fail) => {
      waiting.push({ question, answer, fail });
      if (!busy) void run();
    });
}
