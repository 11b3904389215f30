import { hasEnded, type JobView, type StepView } from './jobs.ts';
import type { Screen } from './screen.ts';

const SLOW_MS = 1000;

/** One line for each step of each job: for good once it has ended, and until then where the screen is live. */
export class Progress {
  readonly #screen: Screen;
  readonly #since: number;
  readonly #told = new Set<string>();

  constructor(screen: Screen, since: number) {
    this.#screen = screen;
    this.#since = since;
  }

  show(jobs: readonly JobView[]): void {
    const rows = jobs.flatMap((job) => job.steps.map((step) => ({ job, step })));
    const over = rows.filter(({ step }) => step.endedAt).sort((a, b) => ended(a.step) - ended(b.step));
    for (const { job, step } of over) this.#once(job, step, ended(step));
    for (const job of jobs) this.#state(job);
    const open = rows.filter(({ step }) => step.startedAt && !step.endedAt);
    if (!this.#screen.isLive) for (const { job, step } of open) this.#slow(job, step);
    this.#screen.live(open.map(({ job, step }) => this.#row(Date.now(), job.type, step)));
  }

  #once(job: JobView, step: StepView, at: number): void {
    const key = [job.id, step.name, step.status, step.attempt].join();
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#screen.line(this.#row(at, job.type, step));
  }

  /** The end of a job, and what one that is blocked waits for. */
  #state(job: JobView): void {
    const key = [job.id, job.status, job.reason].join();
    if ((!hasEnded(job) && job.status !== 'blocked') || this.#told.has(key)) return;
    this.#told.add(key);
    const at = job.endedAt ? Date.parse(job.endedAt) : Date.now();
    this.#screen.line(
      `${this.#clock(at)}  ${job.type.padEnd(18)}  ${[job.status, job.reason].filter(Boolean).join(': ')}`,
    );
  }

  #slow(job: JobView, step: StepView): void {
    if (Date.now() - begun(step) > SLOW_MS) this.#once(job, step, Date.now());
  }

  #row(at: number, type: string, step: StepView): string {
    const took = `${((step.endedAt ? ended(step) : Date.now()) - begun(step)) / 1000}`;
    const state = `${step.status.padEnd(8)} attempt ${step.attempt}  ${Number(took).toFixed(1).padStart(5)} s`;
    const error = step.error ? `  ${step.error}` : '';
    return `${this.#clock(at)}  ${type.padEnd(18)}  ${step.name.padEnd(24)}  ${state}${error}`;
  }

  /** Seconds since the start, as of a moment. */
  #clock(at: number): string {
    return `+${((at - this.#since) / 1000).toFixed(1)} s`.padStart(9);
  }
}

const ended = (step: StepView) => Date.parse(String(step.endedAt));
const begun = (step: StepView) => Date.parse(String(step.startedAt));
