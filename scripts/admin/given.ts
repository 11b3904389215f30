import { parseArgs } from 'node:util';
import { Misuse } from './command.ts';

interface Option {
  needed: boolean;
  many: boolean;
}

/** The words of one call, as its command's synopsis allows them. */
export class Given {
  readonly args: readonly string[];
  readonly json: boolean;
  readonly #values: Readonly<Record<string, unknown>>;

  /** @throws Misuse naming the first word that is missing, unknown or too many */
  constructor(synopsis: string, words: string[]) {
    const options = optionsOf(synopsis);
    const { values, positionals } = parse(options, words);
    const wanted = argumentsOf(synopsis);
    const missing = wanted[positionals.length];
    if (missing) throw new Misuse(`${missing} is missing`);
    if (positionals.length > wanted.length) throw new Misuse(`'${positionals[wanted.length]}' is one word too many`);
    for (const [name, { needed }] of options) if (needed && !(name in values)) throw new Misuse(`--${name} is missing`);
    this.args = positionals;
    this.json = values.json === true;
    this.#values = values;
  }

  /** The n-th argument, from 0. */
  arg(index: number): string {
    return this.args[index] ?? '';
  }

  option(name: string): string | undefined {
    return this.#values[name] as string | undefined;
  }

  many(name: string): string[] {
    return (this.#values[name] as string[] | undefined) ?? [];
  }
}

function parse(options: Map<string, Option>, words: string[]) {
  const known = [...options].map(([name, { many }]) => [name, { type: 'string' as const, multiple: many }] as const);
  try {
    return parseArgs({
      args: words,
      options: { ...Object.fromEntries(known), json: { type: 'boolean' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new Misuse((error as Error).message.split('. ')[0]);
  }
}

function argumentsOf(synopsis: string): string[] {
  const words = synopsis.split(' ').filter(Boolean);
  const end = words.findIndex((word) => /^[[-]/.test(word));
  return end < 0 ? words : words.slice(0, end);
}

function optionsOf(synopsis: string): Map<string, Option> {
  const found = synopsis.matchAll(/(\[?)--([a-z-]+) [^\s\]]+(\]?…)?/g);
  return new Map([...found].map(([, open, name = '', more]) => [name, { needed: !open, many: more !== undefined }]));
}
