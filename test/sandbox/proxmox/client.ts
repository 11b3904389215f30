import { start } from '../../../sandbox/proxmox/index.ts';
import { startStandIn } from '../../support/sandbox.ts';

export interface Answer {
  status: number;
  reason: string;
  data: never;
  message?: string;
  errors?: Record<string, string>;
}

/** The stand-in in this process, and the few lines of HTTP that a test talks to it with. */
export async function openCluster({ speed = 0, env = {} }: { speed?: number; env?: Record<string, string> } = {}) {
  const standIn = await startStandIn('proxmox', start, { speed, env, rude: true });
  const { PROXMOX_URL, PROXMOX_TOKEN_ID, PROXMOX_TOKEN_SECRET } = standIn.env;
  const authorization = `PVEAPIToken=${PROXMOX_TOKEN_ID}=${PROXMOX_TOKEN_SECRET}`;

  async function call(method: string, path: string, params: Record<string, string> | string = {}): Promise<Answer> {
    const form = typeof params === 'string' ? params : new URLSearchParams(params).toString();
    const inQuery = method === 'GET' || method === 'DELETE';
    const response = await fetch(`${PROXMOX_URL}/api2/json${path}${inQuery && form ? `?${form}` : ''}`, {
      method,
      headers: { authorization, ...(inQuery ? {} : { 'content-type': 'application/x-www-form-urlencoded' }) },
      ...(inQuery ? {} : { body: form }),
    });
    const text = await response.text();
    return { status: response.status, reason: response.statusText, ...(text ? JSON.parse(text) : {}) } as Answer;
  }

  /** The exit status of the task that the call starts. */
  async function task(method: string, path: string, params: Record<string, string> = {}): Promise<string> {
    const { data, message } = await call(method, path, params);
    if (typeof data !== 'string') throw new Error(`${method} ${path}: ${message}`);
    return exitOf(data);
  }

  async function exitOf(upid: string): Promise<string> {
    for (;;) {
      const { data } = await call('GET', `/nodes/${upid.split(':')[1]}/tasks/${encodeURIComponent(upid)}/status`);
      const status = data as { status: string; exitstatus: string };
      if (status.status === 'stopped') return status.exitstatus;
    }
  }

  const act = (verb: string, body: Record<string, unknown>) => standIn.running.acts?.[verb]?.(body);
  return { ...standIn, call, task, exitOf, act };
}

export type Cluster = Awaited<ReturnType<typeof openCluster>>;
