import { splitList } from './check.ts';
import { abort } from './effects.ts';
import { paramError } from './error.ts';
import type { Task } from './tasks.ts';
import { type Context, flag, need, type Params, type Routes, seconds, str, type World } from './world.ts';

const UPID = /^UPID:([^:]+):[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:[^:\s]+:[^:\s]*:[^:\s]+:$/;

function findTask(world: World, params: Params): Task {
  const upid = need(params, 'upid');
  if (!UPID.test(upid)) throw paramError({ upid: `unable to parse worker upid '${upid}'` });
  const task = world.tasks.get(upid);
  if (!task) throw paramError({ upid: 'no such task' });
  return task;
}

function head({ upid, node, pid, pstart, type, id, user, startedAt }: Task) {
  const [userid, tokenid] = user.split('!');
  return {
    upid,
    node,
    pid,
    pstart,
    type,
    id,
    user: userid,
    ...(tokenid ? { tokenid } : {}),
    starttime: seconds(startedAt),
  };
}

function row(task: Task) {
  const ended =
    task.endedAt === undefined ? { status: 'RUNNING' } : { endtime: seconds(task.endedAt), status: task.exit };
  return { ...head(task), ...ended };
}

/** ok, warning, error or unknown, as the filter names them. */
function outcome(task: Task): string {
  if (task.exit === 'OK') return 'ok';
  if (task.exit?.startsWith('WARNINGS')) return 'warning';
  return task.exit === 'unexpected status' ? 'unknown' : 'error';
}

function list({ world }: Context, params: Params) {
  const source = str(params, 'source') ?? 'archive';
  const wanted = splitList(str(params, 'statusfilter') ?? '');
  const [vmid, type, user] = [str(params, 'vmid'), str(params, 'typefilter'), str(params, 'userfilter')];
  const [since, until] = [Number(params.since ?? 0), Number(params.until ?? Number.MAX_SAFE_INTEGER)];
  const fits = (task: Task) => {
    const running = task.exit === undefined;
    const begun = seconds(task.startedAt);
    return (
      task.node === params.node &&
      (source === 'all' || running === (source === 'active')) &&
      (!vmid || task.id === vmid) &&
      (!type || task.type === type) &&
      (!user || task.user.includes(user)) &&
      begun >= since &&
      begun <= until &&
      (!wanted.length || (!running && wanted.includes(outcome(task)))) &&
      (!flag(params, 'errors') || (!running && outcome(task) !== 'ok'))
    );
  };
  const rows = world.tasks
    .list()
    .filter(fits)
    .sort((a, b) => b.startedAt - a.startedAt || b.pid - a.pid);
  const first = Number(params.start ?? 0);
  return rows.slice(first, first + Number(params.limit ?? 50)).map(row);
}

function status({ world }: Context, params: Params) {
  const task = findTask(world, params);
  return {
    ...head(task),
    ...(task.exit === undefined ? { status: 'running' } : { status: 'stopped', exitstatus: task.exit }),
  };
}

function log({ world }: Context, params: Params) {
  const task = findTask(world, params);
  const first = Number(params.start ?? 0);
  const lines = task.log.length ? task.log : ['no content'];
  return lines.slice(first, first + Number(params.limit ?? 50)).map((t, at) => ({ n: first + at + 1, t }));
}

function stop({ world }: Context, params: Params): null {
  const task = findTask(world, params);
  if (task.exit === undefined) abort(world, task);
  return null;
}

export const taskRoutes: Routes = {
  'GET /cluster/tasks': ({ world }) => world.tasks.list().slice(-25).reverse().map(row),
  'GET /nodes/{node}/tasks': list,
  'GET /nodes/{node}/tasks/{upid}/status': status,
  'GET /nodes/{node}/tasks/{upid}/log': log,
  'DELETE /nodes/{node}/tasks/{upid}': stop,
};
