import { element, find, findAll, NAMESPACES, type Read, type Written } from '../xml.ts';

/** What the greeting offers and what of it we take (RFC 5730 2.4, 2.9.1.1). */
export interface Services {
  objects: string[];
  extensions: string[];
}

const OBJECTS: readonly string[] = [NAMESPACES.domain, NAMESPACES.contact, NAMESPACES.host];
const EXTENSIONS: readonly string[] = [NAMESPACES.secDNS, NAMESPACES.rgp];

/** Throws SyntaxError on a frame that is no greeting. */
export function readGreeting(greeting: Read): Services {
  const menu = find(greeting, 'svcMenu');
  if (greeting.name !== 'greeting' || !menu) throw new SyntaxError(`no greeting but <${greeting.name}>`);
  const offered = (parent: Read | undefined, name: string) => findAll(parent, name).map((uri) => uri.text);
  return {
    objects: offered(menu, 'objURI').filter((uri) => OBJECTS.includes(uri)),
    extensions: offered(find(menu, 'svcExtension'), 'extURI').filter((uri) => EXTENSIONS.includes(uri)),
  };
}

export function login(user: string, password: string, { objects, extensions }: Services): Written {
  const uris = (name: string, all: string[]) => all.map((uri) => element(name, uri));
  return element('login', [
    element('clID', user),
    element('pw', password),
    element('options', [element('version', '1.0'), element('lang', 'en')]),
    element('svcs', [
      ...uris('objURI', objects),
      extensions.length > 0 ? element('svcExtension', uris('extURI', extensions)) : undefined,
    ]),
  ]);
}

export const logout = (): Written => element('logout');

export const hello = (): Written => element('hello');
