import type { NODE_STATUS } from './states.ts';

/** Heartbeats are taken every 10 seconds: one that is this late is not coming. */
export const HEARTBEAT_LATE_MS = 60_000;

/** What a server is to those who look at it `now`: one that is not heard of any more is offline, whatever it last was. */
export function statusOf(
  node: { status: (typeof NODE_STATUS)[number]; lastHeartbeatAt?: Date | null | undefined },
  now: Date,
): (typeof NODE_STATUS)[number] {
  const age = node.lastHeartbeatAt ? now.getTime() - node.lastHeartbeatAt.getTime() : Number.POSITIVE_INFINITY;
  return age > HEARTBEAT_LATE_MS ? 'offline' : node.status;
}
