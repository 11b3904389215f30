import type { Upid } from './port.ts';

/** The parts of a UPID; times are hexadecimal seconds (PVE::UPID). */
export interface Task {
  node: string;
  startedAt: Date;
  type: string;
  /** The guest's id for guest tasks; for qmclone that of the template. */
  id: string;
  user: string;
}

// UPID:node:pid:pstart:start:type:id:user:
const UPID = /^UPID:([a-zA-Z0-9-]+):[0-9A-F]{8}:[0-9A-F]{8,9}:([0-9A-F]{8}):([^:\s]+):([^:\s]*):([^:\s]+):$/i;

export function parseUpid(upid: Upid): Task | undefined {
  const [, node, start, type, id, user] = UPID.exec(upid) ?? [];
  if (!node || !start || !type || !user) return undefined;
  return { node, startedAt: new Date(Number.parseInt(start, 16) * 1000), type, id: id ?? '', user };
}
