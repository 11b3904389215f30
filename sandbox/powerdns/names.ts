import { Refused, Status } from './refused.ts';

/** A name of a request: absolute, of allowed characters; stored in lower case. */
export function readName(text: string): string {
  if (!text.endsWith('.')) throw new Refused(`DNS Name '${text}' is not canonical`);
  if (!/^[\w\-.*/]+$/.test(text)) throw new Refused(`Name '${escaped(text)}' contains unsupported characters`);
  if (!isName(text)) throw new Refused(`Unable to parse DNS Name '${text}'`);
  return text.toLowerCase();
}

/** RFC 1035 2.3.4: labels of 1 to 63 bytes, 255 in all; the root alone is a name too. */
export function isName(text: string): boolean {
  const labels = text.replace(/\.$/, '').split('.');
  return text === '.' || (text.length <= 255 && labels.every((label) => label.length > 0 && label.length <= 63));
}

export function isBelow(name: string, zone: string): boolean {
  return zone === '.' || name === zone || name.endsWith(`.${zone}`);
}

/** `a.b.c.` → `a.b.c.`, `b.c.`, `c.` */
export function* ancestors(name: string): Generator<string> {
  for (let rest = name; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1)) yield rest;
}

/** Zone names in paths write `/` as =2F, and may lack the final dot. */
export function nameOfId(id: string): string {
  if (/=(?![0-9A-Fa-f]{2})/.test(id)) throw new Status(400);
  const name = id.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return `${name.toLowerCase().replace(/\.$/, '')}.`;
}

export function idOfName(name: string): string {
  return name.replace(/[^\w\-.]|_/g, (sign) => `=${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

function escaped(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`))
    .join('');
}
