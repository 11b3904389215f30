/** Greece writes EL before its numbers. */
const PREFIXES: Readonly<Record<string, string>> = { EL: 'GR' };

/** DE123456789 → its prefix, the number, and the ISO 3166-1 country that gave it. */
export function vatNumber(id: string): { prefix: string; country: string; number: string } {
  const prefix = id.slice(0, 2);
  return { prefix, country: PREFIXES[prefix] ?? prefix, number: id.slice(2) };
}
