import type { Faults } from '../lib/faults.ts';
import type { Collection } from '../lib/store.ts';

/** The work of a task, as data, so that it outlives the process: a verb of effects.ts and what it is done to. */
export interface Work {
  verb: string;
  args: Record<string, string>;
}

export interface Task {
  upid: string;
  node: string;
  pid: number;
  pstart: number;
  type: string;
  /** The guest or thing it is about; may be empty. */
  id: string;
  user: string;
  startedAt: number;
  dueAt: number;
  work: Work;
  log: string[];
  /** The sentence it ends with instead of doing its work. */
  fails?: string;
  /** What the status says at the end, whatever was done. */
  pretends?: string;
  /** Locks on files that it holds from `heldFrom` until `heldUntil`. */
  locks: { file: string; until: number }[];
  endedAt?: number;
  exit?: string;
}

/** A file that a task locks. */
interface WantedLock {
  file: string;
  /** For how much of its time. */
  share?: number;
  /** How long it waits for it, in lifelike milliseconds. */
  patience: number;
  /** How it complains. */
  trouble?: string;
  /** It ends without a word instead. */
  mute?: boolean;
  /** Somebody else has it for so long, in milliseconds by the clock. */
  othersMs?: number;
}

export interface NewTask {
  node: string;
  type: string;
  id: string;
  user: string;
  /** The call that asks for it, for faults to match. */
  operation: string;
  /** How long it lasts in the lifelike world, in milliseconds. */
  lasts: number;
  work: Work;
  log?: string[];
  lock?: WantedLock;
  startAt?: number;
  /** What it will find out and die of. */
  fails?: string | undefined;
}

const hex = (value: number, width: number) => value.toString(16).toUpperCase().padStart(width, '0');

/** The task table of all nodes: running ones end by the wall clock, even where the process was away meanwhile. */
export class Tasks {
  readonly #rows: Collection<Task>;
  readonly #counters: Collection<number>;
  readonly #faults: Faults;
  readonly #speed: number;
  readonly #open: Map<string, Task>;

  constructor(rows: Collection<Task>, counters: Collection<number>, faults: Faults, speed: number) {
    this.#rows = rows;
    this.#counters = counters;
    this.#faults = faults;
    this.#speed = speed;
    this.#open = new Map(rows.entries().filter(([, task]) => task.exit === undefined));
  }

  /** @returns the UPID, which the outside may never learn of or never see again */
  start(wanted: NewTask): string {
    const now = Math.max(Date.now(), wanted.startAt ?? 0);
    const pid = 1000 + this.#next();
    const pstart = (now % 2 ** 31) + pid;
    const user = wanted.user;
    const upid = `UPID:${wanted.node}:${hex(pid, 8)}:${hex(pstart, 8)}:${hex(Math.floor(now / 1000), 8)}:${wanted.type}:${wanted.id}:${user}:`;
    const wait = wanted.fails ? { ms: 0, fails: wanted.fails } : this.#waitFor(wanted, now);
    const begin = now + wait.ms;
    const dueAt = wait.fails ? begin : begin + wanted.lasts * this.#speed;
    const task: Task = {
      upid,
      node: wanted.node,
      pid,
      pstart,
      type: wanted.type,
      id: wanted.id,
      user,
      startedAt: now,
      dueAt,
      work: wanted.work,
      log: wanted.log ?? [],
      locks: this.#locks(wanted, begin, dueAt),
      ...(wait.fails ? { fails: wait.fails } : {}),
      ...(wait.fails && wanted.lock?.mute ? { pretends: 'unexpected status' } : {}),
      ...this.#spoilt(wanted.operation),
    };
    this.#rows.set(upid, task);
    this.#open.set(upid, task);
    return upid;
  }

  #next(): number {
    return this.#counters.set('pid', (this.#counters.get('pid') ?? 0) + 1);
  }

  #locks(wanted: NewTask, begin: number, dueAt: number): Task['locks'] {
    if (!wanted.lock) return [];
    return [{ file: wanted.lock.file, until: begin + (dueAt - begin) * (wanted.lock.share ?? 1) }];
  }

  #waitFor({ lock }: NewTask, now: number): { ms: number; fails?: string } {
    if (!lock) return { ms: 0 };
    const [ours, others] = [this.heldFor(lock.file, now), lock.othersMs ?? 0];
    const patience = lock.patience * this.#speed;
    return ours > patience || others > lock.patience
      ? { ms: patience, fails: `${lock.trouble ?? ''}can't lock file '${lock.file}' - got timeout` }
      : { ms: Math.max(ours, others) };
  }

  /** How many milliseconds until nobody holds the file's lock any more. */
  heldFor(file: string, now = Date.now()): number {
    const ends = [...this.#open.values()].flatMap((task) => task.locks.filter((lock) => lock.file === file));
    return Math.max(0, ...ends.map((lock) => lock.until - now));
  }

  #spoilt(operation: string): Partial<Task> {
    const fails = this.#faults.switched('task-fails', operation);
    if (fails) return { fails: sentence(fails.data) };
    if (this.#faults.switched('task-ok-not-done', operation)) return { fails: 'nothing done', pretends: 'OK' };
    if (this.#faults.switched('task-unexpected-status', operation)) return { pretends: 'unexpected status' };
    if (this.#faults.switched('upid-vanishes', operation)) return { pretends: 'vanished' };
    return {};
  }

  /** Running tasks whose time has come, in the order in which it came. */
  due(now = Date.now()): Task[] {
    return [...this.#open.values()].filter((task) => task.dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
  }

  /** When the next running task ends. */
  nextDue(): number | undefined {
    return this.#open.size ? Math.min(...[...this.#open.values()].map((task) => task.dueAt)) : undefined;
  }

  /** @param exit OK, `WARNINGS: n` or the sentence it died with */
  end(task: Task, exit: string): void {
    this.#open.delete(task.upid);
    const shown = task.pretends ?? exit;
    const lines = shown === 'unexpected status' ? [] : [shown === 'OK' ? 'TASK OK' : `TASK ERROR: ${shown}`];
    this.#rows.set(task.upid, { ...task, log: [...task.log, ...lines], exit: shown, endedAt: task.dueAt });
  }

  /** A task the API shows; vanished ones are not. */
  get(upid: string): Task | undefined {
    const task = this.#rows.get(upid);
    return task?.pretends === 'vanished' ? undefined : task;
  }

  list(): Task[] {
    return this.#rows.values().filter((task) => task.pretends !== 'vanished');
  }

  /** Whether the guest has a task under way. */
  busy(id: string): boolean {
    return [...this.#open.values()].some((task) => task.id === id);
  }
}

function sentence(data: unknown): string {
  if (typeof data === 'string') return data;
  const exit = (data as { exit?: unknown } | undefined)?.exit;
  return typeof exit === 'string' ? exit : 'command failed: exit code 1';
}
