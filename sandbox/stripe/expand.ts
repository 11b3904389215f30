import { invalid } from './error.ts';
import type { Form } from './form.ts';
import { list, text } from './params.ts';
import type { World } from './world.ts';

type Json = Record<string, unknown>;

export const expandParam = (form: Form | undefined): string[] =>
  form === undefined ? [] : list(text())(form, 'expand');

/** Puts objects in the place of ids, as `expand[]` asks: docs.stripe.com/expand. The given object stays as it is. */
export function expand(world: World, object: object, paths: string[]): object {
  const copy = paths.length > 0 ? (structuredClone(object) as Json) : object;
  for (const path of paths) put(world, copy as Json, path.split('.'), path);
  return copy;
}

function put(world: World, at: Json, [name, ...rest]: string[], path: string): void {
  if (name === undefined) return;
  if (name === 'data' && Array.isArray(at.data)) {
    for (const item of at.data as Json[]) put(world, item, rest, path);
    return;
  }
  const inner = typeof at[name] === 'object' && at[name] !== null ? at[name] : resolve(world, at, name, path);
  if (inner === null) return;
  at[name] = inner;
  put(world, inner as Json, rest, path);
}

function resolve(world: World, at: Json, name: string, path: string): object | null {
  if (name === 'line_items' && at.object === 'checkout.session') return linesOf(world, String(at.id));
  const rows = {
    payment_intent: world.intents,
    latest_charge: world.charges,
    charge: world.charges,
    customer: world.customers,
    payment_method: world.methods,
  }[name];
  if (!rows || at[name] === undefined) throw invalid(`This property cannot be expanded (${path}).`, 'expand');
  const found = at[name] === null ? undefined : rows.get(String(at[name]));
  return found ? structuredClone(found) : null;
}

function linesOf(world: World, session: string) {
  const data = structuredClone(world.lines.get(session) ?? []);
  return { object: 'list', data, has_more: false, url: `/v1/checkout/sessions/${session}/line_items` };
}
