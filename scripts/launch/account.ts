import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartFailure } from './failure.ts';

export interface Ids {
  uid: number;
  gid: number;
}

/** A command with the account it is spawned under. */
export type CommandLine = { command: string; args: string[] } & Partial<Ids>;

/** Who PostgreSQL, which refuses to run as root, is run as. */
export interface Account {
  /** Whom its files must belong to, where that is not us. */
  owner?: Ids;
  run(command: string, args: string[]): CommandLine;
}

/**
 * The account that PostgreSQL runs under: ours, or for root the owner of an existing folder, else `postgres` or `nobody`.
 * @param paths what it must reach; where a folder above is closed to it (a clone under /root), it is given the one
 *   capability to pass
 */
export function account(dataDir: string, paths: string[]): Account {
  if (process.getuid?.() !== 0) return { run: (command, args) => ({ command, args }) };
  const ids = owner(dataDir) ?? user('postgres') ?? user('nobody') ?? nobodyElse();
  if (paths.every((path) => reaches(ids, path)))
    return { owner: ids, run: (command, args) => ({ command, args, ...ids }) };
  const change = [`--reuid=${ids.uid}`, `--regid=${ids.gid}`, '--clear-groups'];
  // Without no_setuid_fixup, access(2), by which initdb looks for its binaries, would not count the capability.
  const pass = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup'];
  return { owner: ids, run: (command, args) => ({ command: 'setpriv', args: [...change, ...pass, command, ...args] }) };
}

function owner(dir: string): Ids | undefined {
  const stat = statSync(dir, { throwIfNoEntry: false });
  return stat && stat.uid !== 0 ? { uid: stat.uid, gid: stat.gid } : undefined;
}

function user(name: string): Ids | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined ? undefined : { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
}

function nobodyElse(): never {
  throw new StartFailure(
    'PostgreSQL does not run as root and there is no account `postgres` or `nobody`: start as another user, or set DATABASE_URL.',
  );
}

/** Whether every folder above lets this account pass. */
function reaches({ uid, gid }: Ids, path: string): boolean {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    const stat = statSync(dir, { throwIfNoEntry: false });
    if (stat) {
      const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001;
      if (!(stat.mode & bit)) return false;
    }
    if (dir === dirname(dir)) return true;
  }
}
