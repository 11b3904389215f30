import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartFailure } from './failure.ts';
import { readJson, writeJson } from './files.ts';

interface Entry {
  name: string;
  pid: number;
  /** What no other process that ever gets this pid shares: see identity(). */
  identity: string;
}

interface Table {
  launcher: Entry;
  children: Entry[];
}

/** Who runs on a data folder. Written at every start of a process, so that a launcher killed at any moment leaves an account. */
export class ProcessTable {
  readonly #file: string;
  readonly #table: Table;

  private constructor(file: string, children: Entry[]) {
    this.#file = file;
    this.#table = { launcher: entry('launcher', process.pid), children: [] };
    this.#keep(children);
  }

  /**
   * Takes the folder over: ends what a launcher that is gone has left behind. That takes a while, so others are told first.
   * @throws StartFailure when a launcher is at work on it
   */
  static async takeOver(dataDir: string): Promise<ProcessTable> {
    if (ProcessTable.isHeld(dataDir))
      throw new StartFailure(
        `mpanel is already running on ${dataDir}: stop it, or set DATA_DIR and PORT for another instance.`,
      );
    const file = join(dataDir, 'processes.json');
    const table = new ProcessTable(file, readJson<Table>(file)?.children ?? []);
    await ProcessTable.clear(dataDir);
    table.#keep([]);
    return table;
  }

  /** Ends every process that was started on the folder and still runs. */
  static async clear(dataDir: string): Promise<void> {
    for (const child of readJson<Table>(join(dataDir, 'processes.json'))?.children ?? []) await end(child);
  }

  /** Whether a launcher is at work on the folder. */
  static isHeld(dataDir: string): boolean {
    const table = readJson<Table>(join(dataDir, 'processes.json'));
    return table !== undefined && isRunning(table.launcher);
  }

  /** The process of this name is now this pid; undefined when it has ended. */
  set(name: string, pid: number | undefined): void {
    const others = this.#table.children.filter((child) => child.name !== name);
    this.#keep(pid === undefined ? others : [...others, entry(name, pid)]);
  }

  #keep(children: Entry[]): void {
    this.#table.children = children;
    writeJson(this.#file, this.#table);
  }

  /** Nothing of ours runs any more. */
  release(): void {
    rmSync(this.#file, { force: true });
  }
}

function entry(name: string, pid: number): Entry {
  return { name, pid, identity: identity(pid) ?? '' };
}

/** Whether any process has this pid. */
export const isAlive = (pid: number) => identity(pid) !== undefined;

function isRunning({ pid, identity: known }: Entry): boolean {
  return known !== '' && identity(pid) === known;
}

/** Ends a process that was left over: politely, and after ten seconds not. PostgreSQL's fast shutdown is SIGINT. */
async function end(left: Entry): Promise<void> {
  if (!isRunning(left)) return;
  process.kill(left.pid, left.name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  for (const since = Date.now(); isRunning(left) && Date.now() - since < 10_000; ) await sleep(50);
  if (!isRunning(left)) return;
  process.kill(left.pid, 'SIGKILL');
  while (isRunning(left)) await sleep(20);
}

/** When the process was started, to the tick and the boot, or undefined where none runs under this pid. */
function identity(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    // proc(5): the command name in parentheses may hold anything; state is field 3, the start time field 22.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`;
  } catch {
    return undefined; // no such process
  }
}
