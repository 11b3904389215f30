import type { ClientBase, Pool } from 'pg';
import { actor } from './acting.ts';
import { SCOPE_REFUSED } from './errors.ts';
import { APP_ROLE, PLATFORM_ROLE } from './row-security.ts';
import { type TenantScope, tenantScope } from './tenant-scope.ts';

const SET_SCOPE = `select set_config('role', $1, false), set_config('mpanel.tenant', $2, false)`;
/** May stand in a transaction that has failed already, and touches no row. */
const ENDING = /^\s*(commit|rollback|release)\b/i;
const UNDOING = /^\s*rollback\b/i;
const BEGINNING = /^\s*(begin|start transaction)\b/i;

type Send = (...query: unknown[]) => unknown;
type Settings = readonly [role: string, tenant: string];

/**
 * Makes every connection of a pool ask as whoever asks now. The scope is compared at each statement, also inside a
 * transaction, and told to the server ahead of it where it differs: one more round trip at a change, none otherwise.
 */
export function scopeConnections(pool: Pool): void {
  pool.on('connect', scopeClient);
}

function scopeClient(client: ClientBase): void {
  const send = client.query.bind(client) as Send;
  /** What the server was told last; undefined where that may have been undone. */
  let told: string | undefined;
  let telling: Promise<unknown> | undefined;

  async function tell(wanted: Settings): Promise<void> {
    try {
      await send(SET_SCOPE, wanted);
      told = wanted.join();
    } catch (error) {
      told = undefined;
      throw explained(error as Error, wanted);
    }
  }

  /** A statement goes out right behind its scope: whoever comes in between waits until it has. */
  function run(wanted: Settings, query: unknown[]): unknown {
    const again = () => run(wanted, query);
    if (telling) return telling.then(again, again);
    if (told === wanted.join() || ENDING.test(textOf(query))) return sendOn(query);
    const sent = tell(wanted)
      .then(() => ({ answer: sendOn(query) }))
      .finally(() => {
        telling = undefined;
      });
    telling = sent;
    return sent.then(({ answer }) => answer);
  }

  /** Whatever fails or is rolled back may have taken the scope with it. */
  function sendOn(query: unknown[]): unknown {
    const answer = send(...signed(client, query));
    if (UNDOING.test(textOf(query))) told = undefined;
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

/**
 * Who acts goes along with the begin, in one message, and is forgotten by the server with the transaction.
 * PostgreSQL takes several statements at once where they have no parameters.
 */
function signed(client: ClientBase, query: unknown[]): unknown[] {
  const who = actor();
  const [text, ...rest] = query;
  if (!who || typeof text !== 'string' || !BEGINNING.test(text)) return query;
  return [`${text}; select set_config('mpanel.actor', ${client.escapeLiteral(JSON.stringify(who))}, true)`, ...rest];
}

function settingsOf(scope: TenantScope): Settings {
  if (scope === 'platform') return [PLATFORM_ROLE, ''];
  return [APP_ROLE, scope === 'nobody' ? '' : scope.tenantId];
}

/** Class 22 and 42: the role is not there, or not for this login; anything else is a fault of the moment. */
function explained(cause: Error & { code?: string }, [role]: Settings): Error {
  if (!/^(22|42)/.test(cause.code ?? '')) return cause;
  const help = 'npm run migrate as the owner of the database makes it; any other login must be granted it';
  return Object.assign(new Error(`${cause.message} (${role}: ${help})`, { cause }), { code: SCOPE_REFUSED });
}

/** What pg is given to read row by row; it is its own answer. */
function isCursor(query: unknown): query is { handleError(error: Error): void } {
  return typeof (query as { submit?: unknown }).submit === 'function';
}

function textOf([query]: unknown[]): string {
  return typeof query === 'string' ? query : ((query as { text?: string }).text ?? '');
}
