/** Longest character-string in a record, in bytes (RFC 1035 3.3). */
const STRING = 255;

// One or more quoted strings; inside, a backslash takes the next character or three digits with it.
const QUOTED = /^\s*"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*\s*$/s;

/** The bytes that a TXT content stands for: of its quoted strings joined, else of the text as it is, in UTF-8. */
export function textBytes(content: string): Uint8Array {
  if (!QUOTED.test(content)) return new TextEncoder().encode(content);
  const bytes: number[] = [];
  for (const [string] of content.matchAll(/"(?:[^"\\]|\\.)*"/gs))
    for (const [, digits, escaped, plain] of string.slice(1, -1).matchAll(/\\(\d{3})|\\(.)|([^\\])/gsu)) {
      if (digits) bytes.push(Number(digits) & 0xff);
      else bytes.push(...new TextEncoder().encode(escaped ?? plain));
    }
  return Uint8Array.from(bytes);
}

/** Quoted strings of at most 255 bytes each; everything but printable ASCII as \DDD (RFC 1035 5.1). */
export function quoteText(bytes: Uint8Array): string {
  const strings: string[] = [];
  for (let i = 0; i < Math.max(bytes.length, 1); i += STRING)
    strings.push(`"${[...bytes.subarray(i, i + STRING)].map(escapeByte).join('')}"`);
  return strings.join(' ');
}

function escapeByte(byte: number): string {
  const char = String.fromCharCode(byte);
  if (char === '"' || char === '\\') return `\\${char}`;
  return byte >= 0x20 && byte < 0x7f ? char : `\\${String(byte).padStart(3, '0')}`;
}
