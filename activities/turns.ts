import { NotNow } from '../core/errors.ts';

/** How many may do something at once, how many more may wait in line and for how long, and what all others are told. */
export interface TurnLimits {
  atOnce: number;
  inLine: number;
  waitMs: number;
  reason: string;
  /** Milliseconds after which those come again. */
  againMs: number;
}

/**
 * Lets a few at a time do what may take long while it holds something of which the process has little. Whoever waits too
 * long, or finds the line full, goes away and comes again later: a system that hangs does not hang everything else.
 */
export function turns({ atOnce, inLine, waitMs, reason, againMs }: TurnLimits) {
  let busy = 0;
  const line: (() => void)[] = [];

  function wait(): Promise<void> {
    return new Promise((take, leave) => {
      const place = () => {
        clearTimeout(timer);
        take();
      };
      const timer = setTimeout(() => {
        line.splice(line.indexOf(place), 1);
        leave(new NotNow(reason, againMs));
      }, waitMs);
      line.push(place);
    });
  }

  /** @throws NotNow where its turn does not come */
  return async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (busy < atOnce) busy++;
    else if (line.length < inLine) await wait();
    else throw new NotNow(reason, againMs);
    try {
      return await work();
    } finally {
      const next = line.shift();
      // Who is next takes the place over, so that nobody slips in between.
      if (next) next();
      else busy--;
    }
  };
}
