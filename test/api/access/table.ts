import { auth } from './lines/auth.ts';
import { billing } from './lines/billing.ts';
import { guardian } from './lines/guardian.ts';
import { people } from './lines/people.ts';
import { services } from './lines/services.ts';
import { shop } from './lines/shop.ts';
import { system } from './lines/system.ts';

/**
 * Who may do what, written by hand from the contract, not from the code. `lines/` has a table per group
 * of nouns, a line per endpoint; each is walked on rows of one customer of one tenant.
 *
 * `needs`: the permission with which staff may, and without which they may not; with `+*` they still may not. `-`: nothing
 * but being signed in; `self`: not by an API key either; `platform`: no permission of a tenant gives it; `public`: nobody
 * has to be signed in.
 */
const TABLES = [auth, system, people, shop, billing, services, guardian];

/** The customer whose row it is · another one of the tenant · the tenant's reseller · another tenant's administrator · its own · the platform's. */
export const PEOPLE = ['customer', 'stranger', 'reseller', 'foreign', 'admin', 'platform'] as const;
export type Person = (typeof PEOPLE)[number];

/** yes: 2xx, and the row is there · own: 2xx, and nothing of the row's tenant or customer · a status: refused, 422 where a body names the row · -: not walked, as a stream, which does not end. */
export type Verdict = 'yes' | 'own' | '-' | number;

export interface Line {
  name: string;
  method: string;
  path: string;
  needs: string;
  of: Record<Person, Verdict>;
}

export const lines: Line[] = TABLES.flatMap((table) => {
  const [columns = '', ...rest] = table.trim().split('\n');
  if (columns.trim().split(/\s+/).join() !== ['needs', ...PEOPLE].join())
    throw new Error(`the columns are needs, ${PEOPLE.join(', ')}`);
  return rest.map(parse);
});

function parse(text: string): Line {
  const [method = '', path = '', needs = '', ...verdicts] = text.split(/\s+/);
  if (verdicts.length !== PEOPLE.length) throw new Error(`${text}: a verdict for each of ${PEOPLE.join(', ')}`);
  const of = PEOPLE.map((person, at) => [person, verdictOf(verdicts[at] ?? '')] as const);
  return { name: `${method} ${path}`, method, path, needs, of: Object.fromEntries(of) as Line['of'] };
}

function verdictOf(word: string): Verdict {
  if (word === 'yes' || word === 'own' || word === '-') return word;
  if (!/^4\d\d$/.test(word)) throw new Error(`${word} is no verdict`);
  return Number(word);
}
