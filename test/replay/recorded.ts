import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { historyFromJSON, historyToJSON, type JSONPayload } from '@temporalio/common/lib/proto-utils.js';
import { WORKFLOW_TYPES, type WorkflowType } from './paths.ts';

export const HISTORIES = resolve(import.meta.dirname, '../histories');
/** Where the histories of the version to come are recorded; the other folders are versions, and stay as they are. */
export const NEXT = 'next';

export type History = ReturnType<typeof historyFromJSON>;

export interface Recorded {
  /** From the folder of histories: "next/domain_renew.happy.json". */
  file: string;
  version: string;
  type: WorkflowType;
  path: string;
}

/** All that is recorded, of every version. A file whose name is no `<type>.<path>.json` is an error. */
export function recorded(dir = HISTORIES): Recorded[] {
  return folders(dir).flatMap((version) =>
    readdirSync(join(dir, version))
      .sort()
      .map((name) => {
        const [type, path, end, more] = name.split('.');
        if (!path || end !== 'json' || more !== undefined) throw new Error(`${version}/${name} is no history`);
        return { file: `${version}/${name}`, version, type: type as WorkflowType, path };
      }),
  );
}

export function folders(dir = HISTORIES): string[] {
  if (!existsSync(dir)) return [];
  const entries = readdirSync(dir, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

export function readHistory({ file }: Pick<Recorded, 'file'>): History {
  return historyFromJSON(JSON.parse(readFileSync(join(HISTORIES, file), 'utf8')));
}

/** Writes one event a line, for the version to come: what is released is not written again. */
export function writeHistory(type: WorkflowType, path: string, history: History, dir = HISTORIES): void {
  if (!WORKFLOW_TYPES.includes(type)) throw new Error(`${type} is no workflow of ours`);
  const { events } = JSON.parse(historyToJSON(history), withoutMachine) as { events: unknown[] };
  mkdirSync(join(dir, NEXT), { recursive: true });
  const lines = events.map((event) => JSON.stringify(event)).join(',\n');
  writeFileSync(join(dir, NEXT, `${type}.${path}.json`), `{"events":[\n${lines}\n]}\n`);
}

/** What names a machine or its folders, and no replay looks at. */
function withoutMachine(key: string, value: unknown): unknown {
  if (key === 'identity' || key === 'stackTrace') return undefined;
  if (key === 'encodedAttributes') return withoutStack(value as JSONPayload);
  const queue = value as { kind?: string } | null;
  return queue?.kind === 'TASK_QUEUE_KIND_STICKY' ? { ...queue, name: 'sticky' } : value;
}

/** Of a failure, whose message and stack are a payload. */
function withoutStack(payload: JSONPayload): JSONPayload {
  const attributes = JSON.parse(Buffer.from(String(payload.data), 'base64').toString()) as Record<string, unknown>;
  const data = Buffer.from(JSON.stringify({ ...attributes, stack_trace: '' })).toString('base64');
  return { ...payload, data };
}
