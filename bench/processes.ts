import { readdirSync, readFileSync } from 'node:fs';
import type { Platform } from '../scripts/launch/platform.ts';
import { sum } from './stats.ts';

// USER_HZ of Linux on every architecture that Node runs on.
const TICKS_PER_SECOND = 100;

interface ProcessStat {
  pid: number;
  parent: number;
  /** Seconds of CPU, those of its children that have ended included. */
  cpu: number;
}

/** Seconds of CPU that each part has used with all its processes, and the load generator's own. `more`: other processes. */
export function cpuSeconds(platform: Platform, more: Record<string, number> = {}): Record<string, number> {
  return ofParts({ ...pids(platform), ...more }, (family) => sum(family.map(({ cpu }) => cpu)));
}

/** Resident MB of each part. Pages that several processes share count once, so PostgreSQL's is that of all its processes together. */
export function residentMb(platform: Platform): Record<string, number> {
  return ofParts(pids(platform), (family) => {
    const kind = family.length > 1 ? 'Pss' : 'Rss';
    return sum(family.map(({ pid }) => memoryKb(pid, kind))) / 1024;
  });
}

function pids(platform: Platform): Record<string, number> {
  return Object.fromEntries(
    Object.entries(platform.parts()).flatMap(([name, { pid }]) => (pid ? [[name, pid] as const] : [])),
  );
}

function ofParts(roots: Record<string, number>, of: (family: ProcessStat[]) => number): Record<string, number> {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => stat(Number(pid)));
  const family = (root: number): ProcessStat[] => all.filter(({ pid, parent }) => pid === root || parent === root);
  const parts = Object.entries(roots).map(([name, pid]): [string, number] => [name, of(family(pid))]);
  return Object.fromEntries([...parts, ['load generator', of(all.filter(({ pid }) => pid === process.pid))]]);
}

/** proc_pid_stat(5); nothing of a process that has just ended. */
function stat(pid: number): ProcessStat[] {
  const text = readOrEmpty(`/proc/${pid}/stat`);
  if (!text) return [];
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [parent = 0, ticks] = [fields[1], sum(fields.slice(11, 15))];
  return [{ pid, parent, cpu: ticks / TICKS_PER_SECOND }];
}

function memoryKb(pid: number, kind: 'Rss' | 'Pss'): number {
  const text = readOrEmpty(`/proc/${pid}/smaps_rollup`);
  return Number(new RegExp(`^${kind}: +(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(String((error as NodeJS.ErrnoException).code))) return '';
    throw error;
  }
}
