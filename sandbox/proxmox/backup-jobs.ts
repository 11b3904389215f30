import { assertSelection, selection, submitBackup } from './backup.ts';
import { splitList } from './check.ts';
import { PveError, paramError } from './error.ts';
import type { Job } from './things.ts';
import { type Context, need, type Params, type Routes, str, type World } from './world.ts';

function findJob(world: World, params: Params): Job {
  const job = world.jobs.get(need(params, 'id'));
  if (!job) throw paramError({ id: `No such job '${need(params, 'id')}'` });
  return job;
}

const text = (params: Params) =>
  Object.fromEntries(
    Object.entries(params).filter(
      ([key, value]) => typeof value === 'string' && !['delete', 'digest', 'node'].includes(key),
    ),
  ) as Record<string, string>;

function show(job: Job) {
  return { type: 'vzdump', ...job, enabled: Number(job.enabled ?? 1), ...(job.all ? { all: Number(job.all) } : {}) };
}

function createJob({ world }: Context, params: Params): null {
  assertSelection(params);
  const id = str(params, 'id') ?? `backup-${crypto.randomUUID().slice(0, 13)}`;
  if (world.jobs.has(id)) throw new PveError(`Job '${id}' already exists`);
  if (!params.schedule && !params.starttime)
    throw paramError({ schedule: 'property is missing and it is not optional' });
  world.jobs.set(id, { ...text(params), id });
  return null;
}

function updateJob({ world }: Context, params: Params): null {
  const job: Job = { ...findJob(world, params), ...text(params) };
  for (const key of splitList(str(params, 'delete') ?? '')) delete job[key];
  assertSelection(job);
  world.jobs.set(job.id, job);
  return null;
}

/** Runs a job now, as its schedule would: one dump per node that has guests of it. */
export function runJob(world: World, id: string): string[] {
  const job = findJob(world, { id });
  const vmids = selection(world, job).filter((vmid) => world.guests.has(vmid));
  const nodes = [...new Set(vmids.map((vmid) => String(world.guests.get(vmid)?.node)))];
  return nodes.map((node) => {
    const here = vmids.filter((vmid) => world.guests.get(vmid)?.node === node);
    return submitBackup(world, {
      node,
      user: 'root@pam',
      operation: `RUN /cluster/backup/${id}`,
      storage: job.storage ?? 'local',
      vmids: here,
      params: job,
    });
  });
}

export const backupJobRoutes: Routes = {
  'GET /cluster/backup': ({ world }) => world.jobs.values().map(show),
  'POST /cluster/backup': createJob,
  'GET /cluster/backup/{id}': ({ world }, params) => show(findJob(world, params)),
  'PUT /cluster/backup/{id}': updateJob,
  'DELETE /cluster/backup/{id}': ({ world }, params) => {
    world.jobs.delete(findJob(world, params).id);
    return null;
  },
};
