import { splitList } from './check.ts';
import { keepVolume, usedOn, volumeKey } from './disks.ts';
import type { Effects } from './effects.ts';
import { PveError } from './error.ts';
import { TEMPLATES } from './seed.ts';
import type { Storage, Volume } from './things.ts';
import { type Context, flag, need, type Params, type Routes, seconds, str, type World } from './world.ts';

export function findStorage(world: World, name: string): Storage {
  const storage = world.storages.get(name);
  if (!storage) throw new PveError(`storage '${name}' does not exist`);
  return storage;
}

export function storageStatus(world: World, storage: Storage, node: string) {
  const used = usedOn(world, storage, node);
  return {
    type: storage.type,
    content: storage.content.join(','),
    shared: storage.shared ? 1 : 0,
    active: storage.disabled ? 0 : 1,
    enabled: storage.disabled ? 0 : 1,
    total: storage.total,
    used,
    avail: storage.total - used,
  };
}

function list({ world }: Context, params: Params) {
  const wanted = splitList(str(params, 'content') ?? '');
  const only = str(params, 'storage');
  return world.storages
    .values()
    .filter((s) => !s.nodes || s.nodes.includes(need(params, 'node')))
    .filter((s) => (!only || s.storage === only) && (!wanted.length || wanted.some((kind) => s.content.includes(kind))))
    .map((s) => {
      const status = storageStatus(world, s, need(params, 'node'));
      return { storage: s.storage, ...status, used_fraction: status.used / status.total };
    });
}

function visible(world: World, storage: string, node: string): Volume[] {
  return world.volumes.values().filter((v) => v.storage === storage && (v.node === '' || v.node === node));
}

function show({ backup, node: _node, storage: _storage, protected: kept, vmid, ...volume }: Volume) {
  return {
    ...volume,
    ...(vmid ? { vmid: Number(vmid) } : {}),
    ...(backup ? { subtype: backup.kind } : {}),
    ...(kept ? { protected: 1 } : {}),
  };
}

function content({ world }: Context, params: Params) {
  const storage = findStorage(world, need(params, 'storage'));
  const [kind, vmid] = [str(params, 'content'), str(params, 'vmid')];
  const wanted = (v: Volume) => (!kind || v.content === kind) && (!vmid || v.vmid === vmid);
  return visible(world, storage.storage, need(params, 'node')).filter(wanted).map(show).map(firstLine);
}

/** A list shows no more of the notes. */
const firstLine = <T extends { notes?: string }>(row: T): T =>
  row.notes ? { ...row, notes: row.notes.split('\n')[0] } : row;

/** The path names a volume with or without its storage. */
function volumeId(world: World, params: Params): string {
  const storage = findStorage(world, need(params, 'storage')).storage;
  const volume = need(params, 'volume');
  const volid = volume.includes(':') ? volume : `${storage}:${volume}`;
  if (!volid.startsWith(`${storage}:`))
    throw new PveError(`volume ID '${volid}' does not belong to storage '${storage}'`);
  return volid;
}

function find(world: World, volid: string, node: string): Volume | undefined {
  return world.volumes.get(volumeKey('', volid)) ?? world.volumes.get(volumeKey(node, volid));
}

function findVolume({ world }: Context, params: Params): Volume {
  const volid = volumeId(world, params);
  const volume = find(world, volid, need(params, 'node'));
  if (!volume) throw new PveError(`volume '${volid}' does not exist`);
  return volume;
}

/** With `delay` the call itself waits that long, and answers null when the removal was done by then. */
async function removeVolume({ world, user, operation }: Context, params: Params): Promise<string | null> {
  const node = need(params, 'node');
  const volid = volumeId(world, params);
  const lasts = 800;
  const upid = world.tasks.start({
    node,
    type: 'imgdel',
    id: '',
    user,
    operation,
    lasts,
    work: { verb: 'imgdel', args: { volid, node } },
  });
  const delay = Number(params.delay ?? 0) * 1000;
  if (delay < lasts * world.speed) return upid;
  if (delay === 0) return upid;
  await new Promise((done) => setTimeout(done, lasts * world.speed));
  world.settle();
  return world.tasks.get(upid)?.exit === 'OK' ? null : upid;
}

function annotate(context: Context, params: Params): null {
  const volume = findVolume(context, params);
  const notes = str(params, 'notes');
  const kept = params.protected === undefined ? volume.protected : flag(params, 'protected');
  keepVolume(context.world, {
    ...volume,
    ...(notes === undefined ? {} : { notes }),
    ...(kept === undefined ? {} : { protected: kept }),
  });
  return null;
}

function download({ world, user, operation }: Context, params: Params): string {
  const node = need(params, 'node');
  const storage = findStorage(world, need(params, 'storage'));
  const name = str(params, 'template') ?? need(params, 'filename');
  const kind = str(params, 'content') ?? 'vztmpl';
  if (!params.url && !TEMPLATES.includes(name))
    throw new PveError('no such template', 400, { template: 'no such template' });
  if (!storage.content.includes(kind))
    throw new PveError(`storage '${storage.storage}' is not configured for content-type '${kind}'`);
  const args = { node, storage: storage.storage, kind, name };
  return world.tasks.start({
    node,
    type: 'download',
    id: name,
    user,
    operation,
    lasts: 4000,
    work: { verb: 'download', args },
  });
}

export const storageEffects: Effects = {
  imgdel: {
    done(world, { volid = '', node = '' }) {
      const volume = find(world, volid, node);
      if (!volume) throw new Error(`can't remove '${volid}': no such file or directory`);
      if (volume.protected)
        throw new Error(`cannot remove protected volume '${volid.split(':')[1]}' on '${volume.storage}'`);
      world.volumes.delete(volumeKey(volume.node, volid));
    },
  },
  download: {
    done(world, { node = '', storage = '', kind = '', name = '' }) {
      const volid = `${storage}:${kind}/${name}`;
      const home = world.storages.get(storage)?.shared ? '' : node;
      const format = kind === 'vztmpl' ? 'tzst' : 'raw';
      keepVolume(world, {
        volid,
        node: home,
        storage,
        content: kind,
        format,
        size: 130 * 2 ** 20,
        ctime: seconds(Date.now()),
      });
    },
  },
};

export const storageRoutes: Routes = {
  'GET /storage': ({ world }) =>
    world.storages.values().map(({ storage, type, content: kinds, shared }) => ({
      storage,
      type,
      content: kinds.join(','),
      shared: shared ? 1 : 0,
    })),
  'GET /nodes/{node}/storage': list,
  'GET /nodes/{node}/storage/{storage}/status': ({ world }, params) =>
    storageStatus(world, findStorage(world, need(params, 'storage')), need(params, 'node')),
  'GET /nodes/{node}/storage/{storage}/content': content,
  'GET /nodes/{node}/storage/{storage}/content/{volume}': (context, params) => show(findVolume(context, params)),
  'PUT /nodes/{node}/storage/{storage}/content/{volume}': annotate,
  'DELETE /nodes/{node}/storage/{storage}/content/{volume}': removeVolume,
  'POST /nodes/{node}/storage/{storage}/download-url': download,
  'GET /nodes/{node}/aplinfo': () =>
    TEMPLATES.map((template) => ({ template, type: 'lxc', section: 'system', package: template.split('_')[0] })),
  'POST /nodes/{node}/aplinfo': download,
};
