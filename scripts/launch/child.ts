import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandLine } from './account.ts';
import { StartFailure, saysDiskFull } from './failure.ts';
import { lastWords } from './log.ts';
import type { Say } from './say.ts';

export interface ChildSpec extends CommandLine {
  name: string;
  env: NodeJS.ProcessEnv;
  /** '/' unless given, since PostgreSQL's account may not be let into ours. */
  cwd?: string;
  /** Where its output goes; appended to. */
  log: string;
  /** The signal that asks it to stop, and how long it may take before SIGKILL. */
  stop: { signal: NodeJS.Signals; withinMs: number };
  /** Answers true once it can be used; asked again and again. */
  probe: () => Promise<boolean>;
  /** What must be put right before each start. */
  prepare?: () => void;
}

/** Told each time the process behind a part begins or ends. */
export type Changed = (name: string, pid: number | undefined) => void;

/** EX_CONFIG of sysexits.h: a child that exits so has said why, and starting it again would not help. */
const CONFIG = 78;
const DEATHS_AT_START = 4;
const BACK_OFF_MS = { first: 250, most: 10_000 };
const LOG_LIMIT = 20 * 2 ** 20;

/** A process that is started again, with back-off, for as long as it is wanted. */
export class Child {
  readonly spec: ChildSpec;
  readonly #say: Say;
  readonly #changed: Changed;
  #process: ChildProcess | undefined;
  #wanted = false;
  #ready = false;
  #deaths = 0;
  #failure: StartFailure | undefined;

  constructor(spec: ChildSpec, say: Say, changed: Changed) {
    this.spec = spec;
    this.#say = say;
    this.#changed = changed;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Starts it and waits until its probe answers.
   * @throws StartFailure when it keeps dying, exits as misconfigured, or does not answer in time
   */
  async start(withinMs = 60_000): Promise<void> {
    this.#wanted = true;
    this.#ready = false;
    this.#deaths = 0;
    this.#failure = undefined;
    this.#spawn();
    const until = Date.now() + withinMs;
    while (!(this.pid && (await this.spec.probe()))) {
      if (!this.#wanted) throw new StartFailure(`${this.spec.name} was stopped while starting.`);
      if (!this.#failure && Date.now() > until)
        this.#failure = this.#because(`did not answer within ${withinMs / 1000} s`);
      if (this.#failure) {
        const failure = this.#failure;
        await this.stop();
        throw failure;
      }
      await sleep(50);
    }
    this.#ready = true;
    this.#deaths = 0;
  }

  /** Asks it to stop and waits until it has, killing it when its time is up. */
  async stop(): Promise<void> {
    this.#wanted = false;
    await this.#end(this.spec.stop.signal, this.spec.stop.withinMs);
  }

  /** SIGKILL; it stays down until it is started. */
  async kill(): Promise<void> {
    this.#wanted = false;
    await this.#end('SIGKILL', 10_000);
  }

  async #end(signal: NodeJS.Signals, withinMs: number): Promise<void> {
    const child = this.#process;
    if (!child) return;
    const gone = new Promise<void>((done) => child.once('exit', () => done()));
    child.kill(signal);
    const hard = setTimeout(() => child.kill('SIGKILL'), withinMs);
    await gone;
    clearTimeout(hard);
  }

  #spawn(): void {
    const { command, args, env, uid, gid, name, cwd = '/' } = this.spec;
    this.spec.prepare?.();
    const log = openLog(this.spec.log);
    // A group of its own: Ctrl-C reaches the launcher alone, which stops its children in order.
    const options: SpawnOptions = { cwd, env, stdio: ['ignore', log, log], detached: true };
    const child = spawn(command, args, uid === undefined || gid === undefined ? options : { ...options, uid, gid });
    closeSync(log);
    this.#process = child;
    child.once('error', (error) => {
      this.#failure = new StartFailure(`${name} cannot be started: ${error.message}.`);
      this.#process = undefined;
    });
    child.once('exit', (code, signal) => this.#died(code, signal));
    if (child.pid) this.#changed(name, child.pid);
  }

  #died(code: number | null, signal: string | null): void {
    this.#process = undefined;
    this.#changed(this.spec.name, undefined);
    if (!this.#wanted) return;
    this.#deaths += 1;
    const how = signal ? `was ended by ${signal}` : `exited with ${code}`;
    if (!this.#ready && (code === CONFIG || this.#deaths === DEATHS_AT_START)) {
      this.#failure = this.#because(how, code === CONFIG ? CONFIG : 1);
      return;
    }
    const wait = Math.min(BACK_OFF_MS.first * 2 ** (this.#deaths - 1), BACK_OFF_MS.most);
    if (this.#ready) this.#say(`${this.spec.name} ${how}; starting it again in ${wait / 1000} s (${this.spec.log})`);
    setTimeout(() => this.#again(), wait).unref();
  }

  #again(): void {
    if (!this.#wanted || this.#process) return;
    this.#spawn();
    if (this.#ready && this.#process) void this.#answers(this.#process);
  }

  /** A life that lasted until the probe answered makes the next death a first one. */
  async #answers(life: ChildProcess): Promise<void> {
    while (this.#wanted && this.#process === life) {
      if (await this.spec.probe()) {
        this.#deaths = 0;
        this.#say(`${this.spec.name} is back`);
        return;
      }
      await sleep(200);
    }
  }

  #because(how: string, exitCode = 1): StartFailure {
    const { name, log } = this.spec;
    const words = lastWords(log);
    if (saysDiskFull(words)) return new StartFailure(`The disk is full: ${name} cannot write (${log}).`);
    return new StartFailure(`${name} ${how}: ${words || 'it said nothing'} (${log})`, exitCode);
  }
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT) renameSync(file, `${file}.1`);
  return openSync(file, 'a');
}
