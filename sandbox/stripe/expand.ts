import { invalid } from './error.ts';
import type { Form } from './form.ts';
import { list, text } from './params.ts';
import type { World } from './world.ts';

type Json = Record<string, unknown>;

const EXPANDABLE = ['data', 'payment_intent', 'latest_charge', 'charge', 'customer', 'payment_method', 'line_items'];

export function expandParam(form: Form | undefined): string[] {
  const paths = form === undefined ? [] : list(text())(form, 'expand');
  const strange = paths.find((path) => path.split('.').some((name) => !EXPANDABLE.includes(name)));
  if (strange !== undefined) throw invalid(`This property cannot be expanded (${strange}).`, 'expand');
  return paths;
}

/** Puts objects in the place of ids, as `expand[]` asks: docs.stripe.com/expand. The given object stays as it is. */
export function expand(world: World, object: object, paths: string[]): object {
  const copy = paths.length > 0 ? (structuredClone(object) as Json) : object;
  for (const path of paths) put(world, copy as Json, path.split('.'));
  return copy;
}

function put(world: World, at: Json, [name, ...rest]: string[]): void {
  if (name === undefined) return;
  if (name === 'data' && Array.isArray(at.data)) {
    for (const item of at.data as Json[]) put(world, item, rest);
    return;
  }
  const inner = typeof at[name] === 'object' ? at[name] : resolve(world, at, name);
  if (!inner) return;
  at[name] = inner;
  put(world, inner as Json, rest);
}

function resolve(world: World, at: Json, name: string): object | undefined {
  if (name === 'line_items' && at.object === 'checkout.session') return linesOf(world, String(at.id));
  const rows = {
    payment_intent: world.intents,
    latest_charge: world.charges,
    charge: world.charges,
    customer: world.customers,
    payment_method: world.methods,
  }[name];
  return structuredClone(rows?.get(String(at[name])));
}

function linesOf(world: World, session: string) {
  const data = structuredClone(world.lines.get(session) ?? []);
  return { object: 'list', data, has_more: false, url: `/v1/checkout/sessions/${session}/line_items` };
}
