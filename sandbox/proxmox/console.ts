import { PveError, paramError } from './error.ts';
import { findGuest, type Kind } from './guest.ts';
import { type Context, need, type Params, type Routes } from './world.ts';

/** Ports 5900 to 5999 wait for a viewer; one per guest here. */
const portOf = (vmid: string) => 5900 + (Number(vmid) % 100);
const ticketOf = (prefix: string, vmid: string) => `${prefix}:${vmid.padStart(9, '0')}::AAAA${vmid}`;

function open(kind: Kind, prefix: 'PVEVNC' | 'PVETERM', { world, user, operation }: Context, params: Params) {
  const guest = findGuest(world, kind, params);
  const type = prefix === 'PVEVNC' ? 'vncproxy' : 'termproxy';
  const work = { verb: 'nothing', args: {} };
  const upid = world.tasks.start({ node: guest.node, type, id: guest.vmid, user, operation, lasts: 10_000, work });
  return { port: String(portOf(guest.vmid)), ticket: ticketOf(prefix, guest.vmid), user, upid, cert: '' };
}

function websocket(kind: Kind, { world }: Context, params: Params) {
  const { vmid } = findGuest(world, kind, params);
  const known = ['PVEVNC', 'PVETERM'].some((prefix) => ticketOf(prefix, vmid) === need(params, 'vncticket'));
  if (!known) throw new PveError('permission denied - invalid PVEVNC ticket', 401);
  if (Number(params.port) !== portOf(vmid)) throw paramError({ port: 'no such port' });
  return { port: need(params, 'port') };
}

const both = (kind: Kind): Routes => ({
  [`POST /nodes/{node}/${kind}/{vmid}/vncproxy`]: (context, params) => open(kind, 'PVEVNC', context, params),
  [`POST /nodes/{node}/${kind}/{vmid}/termproxy`]: (context, params) => open(kind, 'PVETERM', context, params),
  [`GET /nodes/{node}/${kind}/{vmid}/vncwebsocket`]: (context, params) => websocket(kind, context, params),
});

/** Tickets for a console; the stream behind the websocket is not played. */
export const consoleRoutes: Routes = { ...both('lxc'), ...both('qemu') };
