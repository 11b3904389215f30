/** A secret by what it is, so that a finding can be told without telling the secret. */
export interface KnownSecret {
  what: string;
  value: string;
}

/** Shorter ones turn up by chance. */
const SHORTEST = 8;

/** Names of the secrets, with the encoding, that a text contains in clear or as it is usually written down. */
export function leaksIn(text: string, secrets: readonly KnownSecret[]): string[] {
  return secrets.flatMap(({ what, value }) => {
    if (value.length < SHORTEST) throw new Error(`${what} is too short to be looked for`);
    return Object.entries(encodings(value)).flatMap(([encoding, written]) =>
      text.includes(written) ? [`${what} (${encoding})`] : [],
    );
  });
}

function encodings(value: string): Record<string, string> {
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  return {
    clear: value,
    JSON: JSON.stringify(value).slice(1, -1),
    URL: encodeURIComponent(value),
    form: new URLSearchParams({ '': value }).toString().slice(1),
    hex,
    HEX: hex.toUpperCase(),
    ...within('base64', bytes),
    ...within('base64url', bytes),
  };
}

/** Inside of a longer text that was encoded as a whole, at any of the three places where a value can begin in it. */
function within(encoding: 'base64' | 'base64url', bytes: Buffer): Record<string, string> {
  const shifted = [0, 1, 2].map((shift) => {
    const written = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString(encoding)
      .replace(/=+$/, '');
    // Characters at either end that the neighbours have a part in.
    const from = Math.ceil((shift * 8) / 6);
    const to = Math.floor(((shift + bytes.length) * 8) / 6);
    return [`${encoding} ${shift}`, written.slice(from, to)] as const;
  });
  return Object.fromEntries(shifted);
}

/** Every text and every run of bytes in a value, as it is: no escapes stand between the characters of a secret. */
export function textOf(value: unknown): string {
  const found: string[] = [];
  (function walk(one: unknown) {
    if (typeof one === 'string') found.push(one);
    // Bytes of no text become marks of themselves; what is readable among them stays.
    else if (one instanceof Uint8Array) found.push(Buffer.from(one).toString('utf8'));
    else if (typeof one === 'object' && one !== null)
      for (const [name, entry] of Object.entries(one)) {
        found.push(name);
        walk(entry);
      }
  })(value);
  return found.join('\n');
}
