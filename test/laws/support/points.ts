import type { FaultAction } from '../../../sandbox/lib/faults.ts';
import type { Phase } from './host.ts';
import { SYSTEMS, type System, type World } from './world.ts';

/** One thing asked over a wire, or one commit, inside a step. */
export interface Point {
  step: string;
  phase: Phase;
  system: System;
  /** As its stand-in's log names it, ids replaced. */
  operation: string;
  /** Regular expression over operations, for the fault switches. */
  match: string;
  /** How many such operations the step has asked for before. */
  index: number;
  /** For a question alone it is the same whether it or its answer is lost. */
  cuts: readonly Cut[];
}
export type Cut = 'before' | 'after';

/** Greetings that a stand-in sends by itself, and DNS questions, which the CA and we ask alike. */
const UNASKED = /^(connect$|DNS )/;
const IDS =
  /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|UPID[^/ ]*|\b(?:cs|pi|re|ch)_\w+|\b[0-9a-f]{20,}\b|(?<=\/renewal-info\/)[\w.-]+|\d{4}(?:_\d\d){2}-\d\d(?:_\d\d){2}/g;
const QUESTION: Partial<Record<System, RegExp>> = {
  proxmox: /^GET /,
  powerdns: /^GET /,
  stripe: /^GET /,
  vies: /./,
  acme: /^(GET|HEAD) |^POST \/(order|authz|certificate)\//,
  registrar: /^(login|hello|poll:req|\w+:(info|check))$/,
  database: /^commit nothing$/,
};

const isQuestion = (system: System, operation: string): boolean => QUESTION[system]?.test(operation) ?? false;

/** Writes down what a run asks for, step by step: tell it whenever an activity has worked. */
export function recorder(world: World) {
  const points: Point[] = [];
  const marks = new Map(SYSTEMS.map((system) => [system, lastOf(world, system)]));

  function asked(system: System): string[] {
    const entries = world.self(system).log.list({ since: marks.get(system)!, limit: 10_000 });
    marks.set(system, entries.at(-1)?.seq ?? marks.get(system)!);
    return entries
      .map(({ operation }) => operation.replace(IDS, '<id>'))
      .filter((operation) => !UNASKED.test(operation));
  }

  function leave(step: string, phase: Phase): void {
    for (const system of SYSTEMS) {
      const all = asked(system);
      for (const [at, operation] of all.entries()) {
        const question = isQuestion(system, operation);
        // How often something is polled for is a matter of time.
        if (question && operation === all[at - 1]) continue;
        const match = matching(operation);
        const like = new RegExp(match);
        const index = all.slice(0, at).filter((earlier) => like.test(earlier)).length;
        points.push({
          step,
          phase,
          system,
          operation,
          match,
          index,
          cuts: question ? ['before'] : ['before', 'after'],
        });
      }
    }
  }
  return { points, leave };
}

function lastOf(world: World, system: System): number {
  const { store, name } = world.self(system);
  return Number(store.db.prepare('SELECT max(seq) AS seq FROM log WHERE system = ?').get(name)?.seq ?? 0);
}

/** An attempt that finds part of its rows written commits others: every commit is like every other. */
const matching = (operation: string) =>
  operation.startsWith('commit ') ? '^commit ' : `^${operation.split('<id>').map(escaped).join('[^/ ]+')}$`;
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export const nameOf = ({ step, phase, system, operation, index }: Point): string =>
  `${phase === 'undo' ? 'undo ' : ''}${step} · ${system} · ${operation}${index ? ` (${index + 1})` : ''}`;

/** The step ("undo …" where it is undone) of a point by its name, and whether the point changes something. */
export function readName(name: string): { step: string; changes: boolean } {
  const [step = '', system, operation = ''] = name.split(' · ');
  return { step, changes: !isQuestion(system as System, operation.replace(/ \(\d+\)$/, '')) };
}

const FULL: FaultAction = {
  kind: 'status',
  status: 500,
  body: { code: '53100', message: 'could not extend file "base/5/16384": No space left on device' },
};

/** How each system says no for good, in its own words. */
const REFUSALS: Partial<Record<System, FaultAction>> = {
  proxmox: { kind: 'status', status: 400, body: { data: null, errors: { law: 'refused by the law' } } },
  powerdns: { kind: 'status', status: 422, body: { error: 'refused by the law' } },
  registrar: { kind: 'status', status: 2306 },
  acme: {
    kind: 'status',
    status: 400,
    body: { type: 'urn:ietf:params:acme:error:malformed', detail: 'refused by the law' },
    headers: { 'content-type': 'application/problem+json' },
  },
  stripe: {
    kind: 'status',
    status: 400,
    body: { error: { type: 'invalid_request_error', message: 'refused by the law' } },
  },
  mail: { kind: 'status', status: 550, body: 'refused by the law' },
  database: FULL,
  'mail database': FULL,
};

/** Those that can be refused; of the commits in a step the first, as a full disk refuses them all. */
export function refusable(points: readonly Point[]): Point[] {
  const full = new Set<string>();
  return points.filter(({ system, step, phase, cuts }) => {
    if (!REFUSALS[system]) return false;
    if (REFUSALS[system] !== FULL) return true;
    const place = `${system} ${phase} ${step}`;
    if (full.has(place) || !cuts.includes('after')) return false;
    full.add(place);
    return true;
  });
}

/** How a point is cut. */
export interface Cutting {
  phase: Cut;
  /** Null: every time. */
  times: number | null;
  /** Answered with a refusal instead of having its connection dropped. */
  refused?: true | undefined;
}

/**
 * Cuts a point from when its step begins until it is left. Answers what to tell of every activity's beginning and good
 * end, and whether it has ever struck.
 */
export function cutAt(world: World, point: Point, { phase, times, refused }: Cutting) {
  const action = (refused && REFUSALS[point.system]) || { kind: 'drop' as const };
  const { system, match, index: skip } = point;
  const { faults, log } = world.self(system);
  let armed = false;
  const since = lastOf(world, system);
  return {
    enter(step: string, at: Phase): void {
      if (armed || step !== point.step || at !== point.phase) return;
      armed = true;
      faults.add({ match, phase, action, skip, times });
    },
    leave: () => faults.clear(),
    struck: (): boolean =>
      armed &&
      log
        .list({ since, match, limit: 10_000 })
        .some((entry) => entry.fault !== undefined || /drop|refused/.test(JSON.stringify(entry.response))),
  };
}
