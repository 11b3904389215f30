import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Child, type ChildSpec } from './child.ts';
import type { PartName } from './context.ts';
import { StartFailure } from './failure.ts';
import { writeJson } from './files.ts';
import type { Part } from './part.ts';
import type { ProcessTable } from './process-table.ts';
import type { Say } from './say.ts';

/** A running platform, or the parts of it that were asked for. */
export interface Platform {
  dataDir: string;
  /** Of the API. */
  url: string;
  /** Addresses and process of each part, as in run.json. */
  parts(): Partial<Record<PartName, Record<string, unknown> & { pid?: number }>>;
  /** The settings that API and workers were given. */
  env: NodeJS.ProcessEnv;
  /** What API and workers said for people while they started, such as a generated password. */
  notices: readonly string[];
  /** SIGKILL; the part stays down until it is started. */
  kill(name: PartName): Promise<void>;
  /** Starts a part that was killed; resolves when it answers. */
  start(name: PartName): Promise<void>;
  /** Stops every part, those first that need the others. */
  stop(): Promise<void>;
}

/** Those first that need the others. */
const STOP_ORDER: readonly PartName[] = ['api', 'workers', 'sandbox', 'temporal', 'postgres'];

export class Running implements Platform {
  readonly dataDir: string;
  readonly url: string;
  env: NodeJS.ProcessEnv = {};
  readonly notices: string[] = [];
  /** What the parts that are up tell the others, by environment variable. */
  found: Record<string, string> = {};
  readonly #table: ProcessTable;
  readonly #children = new Map<PartName, Child>();
  readonly #addresses = new Map<PartName, Record<string, unknown>>();
  readonly #startedAt = new Date().toISOString();
  #state: 'starting' | 'up' | 'stopped' = 'starting';

  constructor(dataDir: string, url: string, table: ProcessTable) {
    this.dataDir = dataDir;
    this.url = url;
    this.#table = table;
    rmSync(this.#runFile, { force: true });
  }

  get #runFile() {
    return join(this.dataDir, 'run.json');
  }

  /** A child that is kept account of and stopped with the rest. */
  child(spec: ChildSpec & { name: PartName }, say: Say): Child {
    if (this.#state === 'stopped') throw new StartFailure('Stopped while starting.');
    const child = new Child(spec, say, (name, pid) => this.#changed(name, pid));
    this.#children.set(spec.name, child);
    return child;
  }

  add(name: PartName, part: Part): void {
    this.found = { ...this.found, ...part.env };
    this.#addresses.set(name, part.addresses);
    this.notices.push(...(part.notices ?? []));
  }

  /** Everything answers: from now on run.json says so. */
  complete(): void {
    this.#state = 'up';
    this.#writeRunFile();
  }

  parts(): ReturnType<Platform['parts']> {
    const entry = ([name, addresses]: [PartName, Record<string, unknown>]) => {
      const pid = this.#children.get(name)?.pid;
      return [name, pid === undefined ? addresses : { ...addresses, pid }];
    };
    return Object.fromEntries([...this.#addresses].map(entry));
  }

  async kill(name: PartName): Promise<void> {
    await this.#child(name).kill();
  }

  async start(name: PartName): Promise<void> {
    await this.#child(name).start();
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    rmSync(this.#runFile, { force: true });
    for (const name of STOP_ORDER) await this.#children.get(name)?.stop();
    this.#table.release();
  }

  #child(name: PartName): Child {
    const child = this.#children.get(name);
    if (!child) throw new Error(`${name} is not a process of this platform`);
    return child;
  }

  #changed(name: string, pid: number | undefined): void {
    this.#table.set(name, pid);
    if (this.#state === 'up') this.#writeRunFile();
  }

  #writeRunFile(): void {
    writeJson(this.#runFile, { startedAt: this.#startedAt, pid: process.pid, parts: this.parts() });
  }
}
