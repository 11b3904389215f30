import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';

/** Namespaces of the objects and extensions we use, by the prefix we write. */
export const NAMESPACES = {
  epp: 'urn:ietf:params:xml:ns:epp-1.0',
  domain: 'urn:ietf:params:xml:ns:domain-1.0',
  contact: 'urn:ietf:params:xml:ns:contact-1.0',
  host: 'urn:ietf:params:xml:ns:host-1.0',
  secDNS: 'urn:ietf:params:xml:ns:secDNS-1.1',
  rgp: 'urn:ietf:params:xml:ns:rgp-1.0',
} as const;

/** An element as fast-xml-parser orders it: one key with its content, attributes under `:@`. */
export type Written = { [name: string]: unknown };

export type Content = string | number | readonly (Written | undefined)[];

/** An element to be written; absent children are left out. */
export function element(
  name: string,
  content: Content = [],
  attributes: Record<string, string | number> = {},
): Written {
  const children = Array.isArray(content)
    ? content.filter((child) => child !== undefined)
    : [{ '#text': String(content) }];
  return { [name]: children, ':@': attributes };
}

/** The element of an object or extension, with its namespace declared: `domain:info` and so on. */
export function objectElement(
  name: `${keyof typeof NAMESPACES}:${string}`,
  children: readonly (Written | undefined)[],
): Written {
  const prefix = name.slice(0, name.indexOf(':')) as keyof typeof NAMESPACES;
  return element(name, children, { [`xmlns:${prefix}`]: NAMESPACES[prefix] });
}

// What XML 1.0 cannot carry, not even escaped (its production 2).
const ILLEGAL = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

const builder = new XMLBuilder({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  suppressEmptyNode: true,
});

/** A whole EPP document around its one element (RFC 5730 section 2). Throws RangeError on a character that XML has no way to write. */
export function write(top: Written): string {
  const xml: string = builder.build([element('epp', [top], { xmlns: NAMESPACES.epp })]);
  const illegal = ILLEGAL.exec(xml);
  if (illegal) throw new RangeError(`U+${illegal[0].codePointAt(0)!.toString(16)} cannot be written in XML`);
  return `<?xml version="1.0" encoding="UTF-8" standalone="no"?>${xml}`;
}

/** An element as it was read; `name` without its prefix, which is the other side's to choose. */
export interface Read {
  namespace: string;
  name: string;
  attributes: Record<string, string>;
  children: Read[];
  /** Own text, trimmed, entities resolved. */
  text: string;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  trimValues: false,
  // Entities are resolved here, from the five of XML and character references; a document cannot bring its own.
  processEntities: false,
  cdataPropName: '#cdata',
  ignoreDeclaration: true,
  ignorePiTags: true,
});

/** The document's one element inside <epp>. Throws on anything that is no well-formed EPP. */
export function read(xml: string): Read {
  if (xml.includes('<!DOCTYPE')) throw new SyntaxError('a document type declaration has no place in EPP');
  const verdict = XMLValidator.validate(xml);
  if (verdict !== true) throw new SyntaxError(verdict.err.msg);
  const [root] = (parser.parse(xml) as Written[]).flatMap((node) => convert(node, {}));
  const [top] = root?.name === 'epp' && root.namespace === NAMESPACES.epp ? root.children : [];
  if (!top) throw new SyntaxError('no EPP document');
  return top;
}

function convert(node: Written, outer: Record<string, string>): Read[] {
  const tag = Object.keys(node).find((key) => key !== ':@' && !key.startsWith('#'));
  if (!tag) return [];
  const content = node[tag] as Written[];
  const written = Object.entries((node[':@'] ?? {}) as Record<string, string>).map(
    ([key, value]) => [key, resolve(value)] as const,
  );
  const declared = written
    .filter(([key]) => key === 'xmlns' || key.startsWith('xmlns:'))
    .map(([key, value]) => [key.slice(6), value]);
  const scope: Record<string, string> = { ...outer, ...Object.fromEntries(declared) };
  const colon = tag.indexOf(':');
  return [
    {
      namespace: scope[tag.slice(0, Math.max(0, colon))] ?? '',
      name: tag.slice(colon + 1),
      attributes: Object.fromEntries(written),
      children: content.flatMap((child) => convert(child, scope)),
      text: content.map(ownText).join('').trim(),
    },
  ];
}

function ownText(node: Written): string {
  if ('#text' in node) return resolve(String(node['#text']));
  return '#cdata' in node ? (node['#cdata'] as Written[]).map((part) => String(part['#text'])).join('') : '';
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function resolve(text: string): string {
  return text.replace(/&(#x?)?(\w+);/g, (whole, reference: string | undefined, name: string) => {
    if (reference) return String.fromCodePoint(Number.parseInt(name, reference === '#x' ? 16 : 10));
    return ENTITIES[name] ?? whole;
  });
}

export const find = (parent: Read | undefined, name: string) => parent?.children.find((child) => child.name === name);

export const findAll = (parent: Read | undefined, name: string) =>
  parent?.children.filter((child) => child.name === name) ?? [];

export const textOf = (parent: Read | undefined, name: string) => find(parent, name)?.text;

/** Throws where the answer lacks what the RFC requires of it. */
export function required(parent: Read | undefined, name: string): string {
  const text = textOf(parent, name);
  if (text === undefined) throw new SyntaxError(`no <${name}> in <${parent?.name}>`);
  return text;
}
