import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { refuse } from './result.ts';

/** Namespaces by the prefix that this server writes. */
export const NS = {
  epp: 'urn:ietf:params:xml:ns:epp-1.0',
  domain: 'urn:ietf:params:xml:ns:domain-1.0',
  contact: 'urn:ietf:params:xml:ns:contact-1.0',
  host: 'urn:ietf:params:xml:ns:host-1.0',
  secDNS: 'urn:ietf:params:xml:ns:secDNS-1.1',
  rgp: 'urn:ietf:params:xml:ns:rgp-1.0',
} as const;

export interface Element {
  ns: string;
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  /** Own text, white space collapsed as xs:token wants it. */
  text: string;
}

type Parsed = Record<string, unknown>;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  cdataPropName: '#cdata',
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

/** The root element of a frame; anything that is no well-formed XML, or has a DTD, is 2001. */
export function parse(frame: string): Element {
  if (/<!(DOCTYPE|ENTITY)/i.test(frame)) refuse(2001, 'a document type declaration is not allowed');
  const verdict = XMLValidator.validate(frame);
  if (verdict !== true) refuse(2001, verdict.err.msg);
  const roots = (parser.parse(frame) as Parsed[]).filter(isElement);
  return roots.length === 1 ? read(roots[0]!, {}) : refuse(2001, 'one root element expected');
}

const isElement = (node: Parsed) => tagOf(node) !== undefined;

const tagOf = (node: Parsed) => Object.keys(node).find((key) => key !== ':@' && !key.startsWith('#'));

function read(node: Parsed, outer: Record<string, string>): Element {
  const tag = tagOf(node)!;
  const attributes = { ...(node[':@'] as Record<string, string> | undefined) };
  const scope = { ...outer };
  for (const [key, value] of Object.entries(attributes)) {
    if (key !== 'xmlns' && !key.startsWith('xmlns:')) attributes[key] = decode(value);
    else {
      scope[key.slice(6)] = value;
      delete attributes[key];
    }
  }
  const inner = node[tag] as Parsed[];
  const [prefix, name] = tag.includes(':') ? (tag.split(':', 2) as [string, string]) : ['', tag];
  const ns = scope[prefix] ?? (prefix ? refuse(2001, `prefix ${prefix} is not declared`) : '');
  return {
    ns,
    name,
    attributes,
    children: inner.filter(isElement).map((child) => read(child, scope)),
    text: textOf(inner),
  };
}

function textOf(nodes: Parsed[]): string {
  const pieces = nodes.map((node) => {
    if ('#text' in node) return decode(String(node['#text']));
    return '#cdata' in node ? (node['#cdata'] as Parsed[]).map((part) => String(part['#text'])).join('') : '';
  });
  return pieces.join('').replace(/\s+/g, ' ').trim();
}

const NAMED: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+);|#(\d+);|(\w+);)?/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal) return String.fromCodePoint(Number(decimal));
      return NAMED[name ?? ''] ?? refuse(2001, `entity ${whole} is not declared`);
    },
  );
}

const ESCAPES: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };
const escaped = (text: string) => text.replace(/[<>&"]/g, (char) => ESCAPES[char]!);

type Attributes = Record<string, string | number>;

const open = (name: string, attributes: Attributes) =>
  `<${name}${Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
    .join('')}>`;

/** An element with text. */
export const leaf = (name: string, text: string, attributes: Attributes = {}) =>
  `${open(name, attributes)}${escaped(text)}</${name}>`;

/** An element of elements; absent ones are left out. */
export const branch = (name: string, children: readonly (string | undefined)[], attributes: Attributes = {}) =>
  `${open(name, attributes)}${children.filter((child) => child !== undefined).join('')}</${name}>`;

/** A branch that declares its prefix's namespace: what stands directly under resData or extension. */
export function payload(name: `${keyof typeof NS}:${string}`, children: readonly (string | undefined)[]): string {
  const prefix = name.slice(0, name.indexOf(':')) as keyof typeof NS;
  return branch(name, children, { [`xmlns:${prefix}`]: NS[prefix] });
}

export const document = (...children: string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?>${branch('epp', children, { xmlns: NS.epp })}`;

export const child = (element: Element | undefined, name: string) => element?.children.find((one) => one.name === name);
export const childText = (element: Element | undefined, name: string) => child(element, name)?.text;
export const childTexts = (element: Element | undefined, name: string) =>
  element?.children.filter((one) => one.name === name).map((one) => one.text) ?? [];
