import type { Collection } from '../lib/store.ts';

export interface Task {
  job: string;
  /** Id of what it is about; there is one task per job and subject. */
  subject: string;
  /** Unix time in milliseconds. */
  at: number;
  data: unknown;
}

type Job = (subject: string, data: unknown) => Promise<void> | void;

// Longer waits are taken in pieces: setTimeout counts in 32 bits.
const LONGEST_WAIT = 2 ** 31 - 1;

/** Things to be done later, kept through a restart. A task killed in the middle runs again, so each job looks before it acts. */
export class Agenda {
  readonly #tasks: Collection<Task>;
  readonly #jobs: Record<string, Job>;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(tasks: Collection<Task>, jobs: Record<string, Job>) {
    this.#tasks = tasks;
    this.#jobs = jobs;
  }

  /** Takes up what an earlier process left. */
  start(): void {
    for (const task of this.#tasks.values()) this.#arm(task);
  }

  plan(job: string, subject: string, at: number, data: unknown = null): void {
    this.#arm(this.#tasks.set(key({ job, subject }), { job, subject, at, data }));
  }

  drop(job: string, subject: string): void {
    clearTimeout(this.#timers.get(key({ job, subject })));
    this.#timers.delete(key({ job, subject }));
    this.#tasks.delete(key({ job, subject }));
  }

  /** Runs it now, whatever its time. */
  async run(job: string, subject: string): Promise<void> {
    const task = this.#tasks.get(key({ job, subject }));
    if (!task || this.#closed) return;
    clearTimeout(this.#timers.get(key(task)));
    const done = this.#perform(task);
    this.#running.add(done);
    await done.finally(() => this.#running.delete(done));
  }

  /** Ends the waiting and waits for what is running; what is left is taken up at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.allSettled(this.#running);
  }

  #arm(task: Task): void {
    if (this.#closed) return;
    clearTimeout(this.#timers.get(key(task)));
    const wait = task.at - Date.now();
    const due = () => (wait > LONGEST_WAIT ? this.#arm(task) : void this.run(task.job, task.subject));
    this.#timers.set(key(task), setTimeout(due, Math.min(Math.max(wait, 0), LONGEST_WAIT)));
  }

  async #perform(task: Task): Promise<void> {
    try {
      await this.#jobs[task.job]?.(task.subject, task.data);
    } catch (error) {
      console.error(`stripe: ${task.job} ${task.subject}`, error);
    }
    // The job may have planned itself anew: then another task stands in this one's place.
    if (this.#tasks.get(key(task)) === task) this.drop(task.job, task.subject);
  }
}

const key = (task: Pick<Task, 'job' | 'subject'>) => `${task.job} ${task.subject}`;
