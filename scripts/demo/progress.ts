import { hasEnded, type JobView, type StepView } from './jobs.ts';
import type { Screen } from './screen.ts';

const SLOW_MS = 1000;

/** Something to be told once. */
interface News {
  key: string;
  at: number;
  text: string;
}

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
    const now = Date.now();
    const rows = jobs.flatMap((job) => job.steps.map((step) => ({ job, step })));
    const open = rows.filter(({ step }) => step.startedAt && !step.endedAt);
    this.#screen.live(open.map(({ job, step }) => this.#row(now, job.type, step)));
    const slow = this.#screen.isLive ? [] : open.filter(({ step }) => now - begun(step) > SLOW_MS);
    const over = rows.filter(({ step }) => step.endedAt);
    const steps = [...over, ...slow].map(({ job, step }) => this.#stepNews(job, step, now));
    const news = [...steps, ...jobs.filter(isTelling).map((job) => this.#jobNews(job, now))];
    for (const one of news.sort((a, b) => a.at - b.at)) this.#tell(one);
  }

  #tell({ key, text }: News): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#screen.line(text);
  }

  #stepNews(job: JobView, step: StepView, now: number): News {
    const at = moment(step.endedAt, now);
    return { key: [job.id, step.name, step.status, step.attempt].join(), at, text: this.#row(at, job.type, step) };
  }

  #jobNews(job: JobView, now: number): News {
    const at = moment(job.endedAt, now);
    const state = [job.status, job.reason].filter(Boolean).join(': ');
    return { key: [job.id, state].join(), at, text: `${this.#clock(at)}  ${job.type.padEnd(18)}  ${state}` };
  }

  /** `at`: when what it says was so. */
  #row(at: number, type: string, step: StepView): string {
    const took = ((at - begun(step)) / 1000).toFixed(1).padStart(5);
    const error = step.error ? `  ${step.error}` : '';
    const state = `${step.status.padEnd(8)} attempt ${step.attempt}  ${took} s${error}`;
    return `${this.#clock(at)}  ${type.padEnd(18)}  ${step.name.padEnd(24)}  ${state}`;
  }

  /** Seconds since the start, as of a moment. */
  #clock(at: number): string {
    return `+${((at - this.#since) / 1000).toFixed(1)} s`.padStart(9);
  }
}

/** A job that has ended, or that waits for somebody. */
const isTelling = (job: JobView) => hasEnded(job) || job.status === 'blocked';

const moment = (time: string | null, otherwise: number) => (time ? Date.parse(time) : otherwise);

/** A step that was skipped never began. */
const begun = ({ startedAt, endedAt }: StepView) => Date.parse(String(startedAt ?? endedAt));
