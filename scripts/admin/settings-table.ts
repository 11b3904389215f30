// node scripts/admin/settings-table.ts: writes the table of settings in README.md anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { settings } from '../../runtime/settings.ts';

const README = join(import.meta.dirname, '../../README.md');
const BEGIN = '<!-- settings: written by scripts/admin/settings-table.ts -->\n';
const END = '<!-- end of settings -->\n';

interface Shown {
  schema: z.ZodType;
  about: string;
  secret?: true;
}

/** Every setting with its default, as Markdown. */
export function settingsTable(): string {
  const rows = Object.entries<Shown>(settings).map(
    ([name, { schema, about, secret }]) =>
      `| \`${name}\` | ${fallback(schema)} | ${about}${secret ? ' *Secret.*' : ''} |`,
  );
  return ['| setting | default | meaning |', '|---|---|---|', ...rows, ''].join('\n');
}

/** `text` with the table of now in the place of the one it has. Throws where it marks no place. */
export function withSettings(text: string): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error('README.md has no place for the table of settings');
  return `${before}${BEGIN}\n${settingsTable()}\n${END}${after}`;
}

/** A setting without a default that is needed all the same is one that the launcher finds or makes. */
function fallback(schema: z.ZodType): string {
  const { success, data } = schema.safeParse(undefined);
  if (!success) return 'from the launcher';
  if (data === undefined) return 'unset';
  const text = Array.isArray(data) ? data.join(',') : String(data);
  return text ? `\`${text}\`` : 'none';
}

if (import.meta.main) writeFileSync(README, withSettings(readFileSync(README, 'utf8')));
