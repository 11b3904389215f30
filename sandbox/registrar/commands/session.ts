import type { Registry } from '../registry.ts';
import { refuse } from '../result.ts';
import { branch, child, childText, childTexts, document, type Element, leaf, NS } from '../xml.ts';

const OBJECTS: readonly string[] = [NS.domain, NS.contact, NS.host];
const EXTENSIONS: readonly string[] = [NS.secDNS, NS.rgp];

/** RFC 5730 2.4. */
export function greeting(): string {
  const menu = [
    leaf('version', '1.0'),
    leaf('lang', 'en'),
    ...OBJECTS.map((uri) => leaf('objURI', uri)),
    branch(
      'svcExtension',
      EXTENSIONS.map((uri) => leaf('extURI', uri)),
    ),
  ];
  const statement = [
    branch('purpose', ['<admin/>', '<prov/>']),
    branch('recipient', ['<ours/>', '<public/>']),
    branch('retention', ['<stated/>']),
  ];
  return document(
    branch('greeting', [
      leaf('svID', 'Sandbox registry'),
      leaf('svDate', new Date().toISOString()),
      branch('svcMenu', menu),
      branch('dcp', [branch('access', ['<all/>']), branch('statement', statement)]),
    ]),
  );
}

export interface Login {
  account: string;
  /** Extensions the client can read. */
  extensions: string[];
}

/** RFC 5730 2.9.1.1. */
export function login(registry: Registry, element: Element): Login {
  const options = child(element, 'options');
  if (childText(options, 'version') !== '1.0') refuse(2100, 'version 1.0 is spoken here');
  if (childText(options, 'lang') !== 'en') refuse(2102, 'English is spoken here');
  const services = child(element, 'svcs');
  const strange = childTexts(services, 'objURI').find((uri) => !OBJECTS.includes(uri));
  if (strange) refuse(2307, strange);
  const extensions = childTexts(child(services, 'svcExtension'), 'extURI');
  const unknown = extensions.find((uri) => !EXTENSIONS.includes(uri));
  if (unknown) refuse(2103, unknown);
  const account = registry.accounts.get(childText(element, 'clID')!);
  if (!account || account.password !== childText(element, 'pw')) refuse(2200, 'unknown client or wrong password');
  const password = childText(element, 'newPW');
  if (password) registry.accounts.set(account.id, { ...account, password });
  return { account: account.id, extensions };
}
