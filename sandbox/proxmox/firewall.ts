import { splitList } from './check.ts';
import { PveError, paramError } from './error.ts';
import { type Config, digestOf, type FirewallRule, findGuest, type Guest, type Kind, keep } from './guest.ts';
import { ipsetRoutes } from './ipset.ts';
import { type Context, type Params, type Routes, str } from './world.ts';

/** Params that say where, not what. */
const STEERING = new Set(['node', 'vmid', 'pos', 'moveto', 'digest', 'delete']);

const fields = (params: Params): Config =>
  Object.fromEntries(
    Object.entries(params).filter(([key, value]) => !STEERING.has(key) && typeof value === 'string'),
  ) as Config;

function assertFresh(value: unknown, params: Params): void {
  const given = str(params, 'digest');
  if (given && given !== digestOf(value))
    throw new PveError('detected modified configuration - file changed by other user? Try again.');
}

const ACTIONS = ['ACCEPT', 'DROP', 'REJECT'];

function assertRule(rule: FirewallRule): void {
  if (rule.type !== 'group' && !ACTIONS.includes(rule.action ?? ''))
    throw paramError({ action: `unknown action '${rule.action}'` });
  if ((rule.dport || rule.sport) && !rule.proto)
    throw paramError({ proto: `missing property - 'dport'/'sport' needs it` });
}

const show = (rule: FirewallRule, pos: number) => ({ ...rule, pos, enable: Number(rule.enable ?? 0) });

function saveRules({ world }: Context, guest: Guest, rules: FirewallRule[]): null {
  keep(world, { ...guest, firewall: { ...guest.firewall, rules } });
  return null;
}

function ruleAt(guest: Guest, params: Params): number {
  const pos = Number(params.pos);
  if (!guest.firewall.rules[pos]) throw paramError({ pos: `no rule at position ${pos}` });
  return pos;
}

function rules(kind: Kind): Routes {
  const base = `/nodes/{node}/${kind}/{vmid}/firewall/rules`;
  return {
    [`GET ${base}`]: ({ world }, params) => {
      const list = findGuest(world, kind, params).firewall.rules;
      return list.map((rule, pos) => ({ ...show(rule, pos), digest: digestOf(list) }));
    },
    [`GET ${base}/{pos}`]: ({ world }, params) => {
      const guest = findGuest(world, kind, params);
      const pos = ruleAt(guest, params);
      return { ...show(guest.firewall.rules[pos] ?? {}, pos), digest: digestOf(guest.firewall.rules) };
    },
    // A new rule comes first and is off unless said otherwise.
    [`POST ${base}`]: (context, params) => {
      const guest = findGuest(context.world, kind, params);
      assertFresh(guest.firewall.rules, params);
      const rule = { enable: '0', ...fields(params) };
      assertRule(rule);
      return saveRules(context, guest, guest.firewall.rules.toSpliced(Number(params.pos ?? 0), 0, rule));
    },
    [`PUT ${base}/{pos}`]: (context, params) => {
      const guest = findGuest(context.world, kind, params);
      assertFresh(guest.firewall.rules, params);
      const pos = ruleAt(guest, params);
      const rule = { ...guest.firewall.rules[pos], ...fields(params) };
      for (const key of splitList(str(params, 'delete') ?? '')) delete rule[key];
      assertRule(rule);
      const moved = params.moveto === undefined ? pos : Number(params.moveto);
      return saveRules(
        context,
        guest,
        guest.firewall.rules.toSpliced(pos, 1).toSpliced(moved > pos ? moved - 1 : moved, 0, rule),
      );
    },
    [`DELETE ${base}/{pos}`]: (context, params) => {
      const guest = findGuest(context.world, kind, params);
      assertFresh(guest.firewall.rules, params);
      return saveRules(context, guest, guest.firewall.rules.toSpliced(ruleAt(guest, params), 1));
    },
  };
}

const NUMBERS = ['enable', 'dhcp', 'ipfilter', 'macfilter', 'ndp', 'radv', 'ebtables'];
const showOptions = (options: Config) => ({
  ...Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, NUMBERS.includes(key) ? Number(value) : value]),
  ),
  digest: digestOf(options),
});

function changed(options: Config, params: Params): Config {
  assertFresh(options, params);
  const next = { ...options, ...fields(params) };
  for (const key of splitList(str(params, 'delete') ?? '')) delete next[key];
  return next;
}

function options(kind: Kind): Routes {
  const path = `/nodes/{node}/${kind}/{vmid}/firewall/options`;
  return {
    [`GET ${path}`]: ({ world }, params) => showOptions(findGuest(world, kind, params).firewall.options),
    [`PUT ${path}`]: ({ world }, params) => {
      const guest = findGuest(world, kind, params);
      keep(world, { ...guest, firewall: { ...guest.firewall, options: changed(guest.firewall.options, params) } });
      return null;
    },
  };
}

const both = (make: (kind: Kind) => Routes): Routes => ({ ...make('lxc'), ...make('qemu') });

export const firewallRoutes: Routes = {
  ...both(rules),
  ...both(options),
  ...ipsetRoutes,
  'GET /cluster/firewall/options': ({ world }) => showOptions(world.options.get('firewall') ?? { enable: '1' }),
  'PUT /cluster/firewall/options': ({ world }, params) => {
    world.options.set('firewall', changed(world.options.get('firewall') ?? { enable: '1' }, params));
    return null;
  },
};
