import { PveError, paramError } from './error.ts';
import { type Config, digestOf, findGuest, type Guest, type Kind, keep } from './guest.ts';
import { type Context, flag, need, type Params, type Routes, str } from './world.ts';

type Sets = Guest['firewall']['ipset'];

function setOf(guest: Guest, params: Params): Sets[string] {
  const found = guest.firewall.ipset[need(params, 'name')];
  if (!found) throw new PveError(`no such IPSet '${need(params, 'name')}'`);
  return found;
}

function saveSets({ world }: Context, guest: Guest, ipset: Sets): null {
  keep(world, { ...guest, firewall: { ...guest.firewall, ipset } });
  return null;
}

function ipsets(kind: Kind): Routes {
  const base = `/nodes/{node}/${kind}/{vmid}/firewall/ipset`;
  return {
    [`GET ${base}`]: ({ world }, params) =>
      Object.entries(findGuest(world, kind, params).firewall.ipset).map(([name, set]) => ({
        name,
        comment: set.comment,
        digest: digestOf(set),
      })),
    [`POST ${base}`]: (context, params) => {
      const guest = findGuest(context.world, kind, params);
      const name = need(params, 'name');
      if (guest.firewall.ipset[name]) throw new PveError(`IPSet '${name}' already exists`);
      return saveSets(context, guest, {
        ...guest.firewall.ipset,
        [name]: { comment: str(params, 'comment') ?? '', entries: {} },
      });
    },
    [`DELETE ${base}/{name}`]: (context, params) => {
      const guest = findGuest(context.world, kind, params);
      const set = setOf(guest, params);
      if (Object.keys(set.entries).length && !flag(params, 'force'))
        throw new PveError(`IPSet '${need(params, 'name')}' is not empty`);
      const { [need(params, 'name')]: _gone, ...rest } = guest.firewall.ipset;
      return saveSets(context, guest, rest);
    },
    [`GET ${base}/{name}`]: ({ world }, params) => {
      const set = setOf(findGuest(world, kind, params), params);
      return Object.entries(set.entries).map(([cidr, entry]) => ({ cidr, ...entry, digest: digestOf(set) }));
    },
    [`POST ${base}/{name}`]: (context, params) => {
      const guest = findGuest(context.world, kind, params);
      const set = setOf(guest, params);
      const cidr = need(params, 'cidr');
      if (set.entries[cidr]) throw paramError({ cidr: `address '${cidr}' already exists` });
      const entries = { ...set.entries, [cidr]: entryOf(params) };
      return saveSets(context, guest, { ...guest.firewall.ipset, [need(params, 'name')]: { ...set, entries } });
    },
    [`DELETE ${base}/{name}/{cidr}`]: (context, params) => {
      const guest = findGuest(context.world, kind, params);
      const set = setOf(guest, params);
      const { [need(params, 'cidr')]: _gone, ...entries } = set.entries;
      return saveSets(context, guest, { ...guest.firewall.ipset, [need(params, 'name')]: { ...set, entries } });
    },
  };
}

/** What an entry says beside its address. */
function entryOf(params: Params): Config {
  const said = ['comment', 'nomatch'].flatMap((key) => (params[key] === undefined ? [] : [[key, need(params, key)]]));
  return Object.fromEntries(said) as Config;
}

/** Named sets of addresses of a guest's firewall. */
export const ipsetRoutes: Routes = { ...ipsets('lxc'), ...ipsets('qemu') };
