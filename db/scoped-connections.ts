import type { ClientBase, Pool } from 'pg';
import { actor } from './acting.ts';
import { AUDITED_TABLES } from './audited-tables.ts';
import { SCOPE_REFUSED } from './errors.ts';
import { APP_ROLE, PLATFORM_ROLE } from './row-security.ts';
import { type TenantScope, tenantScope } from './tenant-scope.ts';

/** May stand in a transaction that has failed already, and touches no row. */
const ENDING = /^\s*(commit|rollback|release)\b/i;
const UNDOING = /^\s*rollback\b/i;
const BEGINNING = /^\s*(begin|start transaction)\b/i;
const LEAVING = /^\s*(commit|rollback)\b(?!\s+to\b)/i;
const WRITING = /^\s*(?:(?:insert into|update|delete from|merge into) "?(\w+)|with\b)/i;

type Send = (...query: unknown[]) => unknown;
type Settings = readonly [role: string, tenant: string, actor: string];

/** What pg makes of an answer without rows. */
const NOTHING = { command: '', rowCount: null, oid: 0, rows: [], fields: [] };

/**
 * Makes every connection of a pool ask as whoever asks now. The scope is compared at each statement, also inside a
 * transaction; where it differs it goes ahead of the statement in the same message. So does a begin, with who acts: it
 * waits for the first statement, and a transaction of none asks nothing. Only what has parameters, and a connection's
 * first statement in a role, take a round trip of their own.
 */
export function scopeConnections(pool: Pool): void {
  pool.on('connect', scopeClient);
}

function scopeClient(client: ClientBase): void {
  const send = client.query.bind(client) as Send;
  /** What the server was told last; undefined where that may have been undone. */
  let told: Settings | undefined;
  let inTransaction = false;
  /** How the transaction begins that nothing was asked in yet. */
  let held: string | undefined;
  let telling: Promise<unknown> | undefined;
  /** Roles that this login was let into. */
  const allowed = new Set<string>();

  async function tell(wanted: Settings): Promise<void> {
    try {
      await send(scopeOf(client, wanted));
      told = wanted;
      allowed.add(wanted[0]);
    } catch (error) {
      told = undefined;
      throw explained(error as Error, wanted);
    }
  }

  function knows([role, tenant, who]: Settings, text: string): boolean {
    if (ENDING.test(text)) return true;
    if (told?.[0] !== role || told[1] !== tenant) return false;
    return told[2] === who || inTransaction || !isAudited(text);
  }

  /** A statement goes out with what comes ahead of it or right behind that: whoever comes in between waits. */
  function run(wanted: Settings, query: unknown[]): unknown {
    const again = () => run(wanted, query);
    if (telling) return telling.then(again, again);
    const text = textOf(query);
    if (BEGINNING.test(text)) return hold(text, wanted);
    if (held && LEAVING.test(text)) return drop();
    const known = knows(wanted, text);
    if (known && !held) return sendOn(query);
    const way = isPlain(query) && (known || allowed.has(wanted[0])) ? together : ahead;
    const sent = way(wanted, query, known).finally(() => {
      telling = undefined;
    });
    telling = sent;
    return sent.then(({ answer }) => answer);
  }

  /** Who acts is forgotten by the server with the transaction. */
  function hold(text: string, [, , who]: Settings): Promise<unknown> {
    held = `${text}; select set_config('mpanel.actor', ${client.escapeLiteral(who)}, true)`;
    inTransaction = true;
    return Promise.resolve(NOTHING);
  }

  function drop(): Promise<unknown> {
    held = undefined;
    inTransaction = false;
    return Promise.resolve(NOTHING);
  }

  function begun(): string[] {
    const texts = held ? [held] : [];
    held = undefined;
    return texts;
  }

  /**
   * PostgreSQL takes several statements at once where they have no parameters. The one takes the other back where it
   * fails: nobody may go on before that is known. How isolated a transaction is must be said before all else.
   */
  async function together(wanted: Settings, query: unknown[], known: boolean): Promise<{ answer: unknown }> {
    const texts = [...begun(), ...(known ? [] : [scopeOf(client, wanted)]), textOf(query)];
    if (!known) told = wanted;
    const results = (await sendOn([texts.join('; ')])) as unknown[];
    return { answer: results.at(-1) };
  }

  async function ahead(wanted: Settings, query: unknown[], known: boolean): Promise<{ answer: unknown }> {
    for (const text of begun()) await send(text);
    if (!known) await tell(wanted);
    return { answer: sendOn(query) };
  }

  /** Whatever fails or is rolled back may have taken the scope with it. */
  function sendOn(query: unknown[]): unknown {
    const text = textOf(query);
    const answer = send(...query);
    if (UNDOING.test(text)) told = undefined;
    if (LEAVING.test(text)) inTransaction = false;
    if (answer instanceof Promise)
      answer.catch(() => {
        told = undefined;
      });
    return answer;
  }

  const scoped: Send = (...query) => {
    const answer = run(settingsOf(tenantScope()), query);
    const [cursor] = query;
    if (!isCursor(cursor) || !(answer instanceof Promise)) return answer;
    answer.catch((error: Error) => cursor.handleError(error));
    return cursor;
  };
  client.query = scoped as ClientBase['query'];
}

/** The statement that tells it, without parameters: others may go along in one message. */
function scopeOf(client: ClientBase, [role, tenant, who]: Settings): string {
  const [a, b, c] = [role, tenant, who].map((value) => client.escapeLiteral(value));
  return `select set_config('role', ${a}, false), set_config('mpanel.tenant', ${b}, false), set_config('mpanel.actor', ${c}, false)`;
}

const acting = () => JSON.stringify(actor() ?? {});

function settingsOf(scope: TenantScope): Settings {
  if (scope === 'platform') return [PLATFORM_ROLE, '', acting()];
  return [APP_ROLE, scope === 'nobody' ? '' : scope.tenantId, acting()];
}

/** Whether a statement may change what the audit log tells of. */
function isAudited(text: string): boolean {
  const found = WRITING.exec(text);
  return found !== null && (found[1] === undefined || typeof AUDITED_TABLES[found[1]] === 'object');
}

/** Class 22 and 42: the role is not there, or not for this login; anything else is a fault of the moment. */
function explained(cause: Error & { code?: string }, [role]: Settings): Error {
  if (!/^(22|42)/.test(cause.code ?? '')) return cause;
  const help = 'npm run migrate as the owner of the database makes it; any other login must be granted it';
  return Object.assign(new Error(`${cause.message} (${role}: ${help})`, { cause }), { code: SCOPE_REFUSED });
}

/** One statement without parameters, of which PostgreSQL takes several in one message; its answer is a promise. */
function isPlain(query: unknown[]): query is string[] {
  const [text, values] = query;
  return (
    query.length <= 2 &&
    typeof text === 'string' &&
    (values === undefined || (Array.isArray(values) && values.length === 0))
  );
}

/** What pg is given to read row by row; it is its own answer. */
function isCursor(query: unknown): query is { handleError(error: Error): void } {
  return typeof (query as { submit?: unknown }).submit === 'function';
}

function textOf([query]: unknown[]): string {
  return typeof query === 'string' ? query : ((query as { text?: string }).text ?? '');
}
