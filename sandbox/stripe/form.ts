/** A form as Stripe reads it: text, or fields by name; a list is fields named 0, 1, 2. */
export type Form = string | Fields;
export interface Fields {
  [name: string]: Form;
}

/** Decodes `a[b][0][c]=x`; `a[]=x` appends. Of a field given twice the last holds. */
export function parseForm(encoded: string): Fields {
  const form = fields();
  for (const [name, value] of new URLSearchParams(encoded)) put(form, segments(name), value);
  return form;
}

// No prototype, so that a field named __proto__ is only a field.
const fields = (): Fields => Object.create(null) as Fields;

function segments(name: string): string[] {
  const open = name.indexOf('[');
  if (open <= 0) return [name];
  return [name.slice(0, open), ...[...name.slice(open).matchAll(/\[([^\]]*)\]/g)].map((found) => found[1] ?? '')];
}

function put(form: Fields, [first, ...rest]: string[], value: string): void {
  const name = first === '' ? String(Object.keys(form).length) : (first ?? '');
  if (rest.length === 0) {
    form[name] = value;
    return;
  }
  const inner = form[name];
  const next = inner && typeof inner !== 'string' ? inner : fields();
  form[name] = next;
  put(next, rest, value);
}
