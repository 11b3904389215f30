import { haId } from './destroy.ts';
import { PveError } from './error.ts';
import { need, type Params, type Routes, str, type World } from './world.ts';

/** `ct:105`, `vm:105` or the bare number of a guest that exists. */
function sidOf(world: World, params: Params): string {
  const sid = need(params, 'sid');
  const guest = world.guests.get(sid.replace(/^(ct|vm):/, ''));
  if (!guest) throw new PveError(`unable to find resource '${sid}'`);
  return haId(guest.kind, guest.vmid);
}

function find(world: World, params: Params) {
  const sid = need(params, 'sid');
  const entry = world.ha.values().find((row) => row.sid === sid || row.sid.endsWith(`:${sid}`));
  if (!entry) throw new PveError(`no such resource '${sid}'`);
  return entry;
}

const show = (entry: { sid: string; state: string; digest: string }) => ({ ...entry, type: entry.sid.slice(0, 2) });

export const haRoutes: Routes = {
  'GET /cluster/ha/resources': ({ world }) => world.ha.values().map(show),
  'GET /cluster/ha/resources/{sid}': ({ world }, params) => show(find(world, params)),
  'POST /cluster/ha/resources': ({ world }, params) => {
    const sid = sidOf(world, params);
    if (world.ha.has(sid)) throw new PveError(`resource ID '${sid}' already defined`);
    world.ha.set(sid, { sid, state: str(params, 'state') ?? 'started', digest: '' });
    return null;
  },
  'PUT /cluster/ha/resources/{sid}': ({ world }, params) => {
    const entry = find(world, params);
    world.ha.set(entry.sid, { ...entry, state: str(params, 'state') ?? entry.state });
    return null;
  },
  'DELETE /cluster/ha/resources/{sid}': ({ world }, params) => {
    world.ha.delete(find(world, params).sid);
    return null;
  },
};
