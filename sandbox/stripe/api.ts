import type { Call, Reply } from '../lib/http.ts';
import { atomically } from './atomic.ts';
import { type ErrorBody, invalid, StripeRefusal } from './error.ts';
import { expand, expandParam } from './expand.ts';
import { type Fields, parseForm } from './form.ts';
import { type Answer, digest, type Idempotency } from './idempotency.ts';
import { randomLetters } from './ids.ts';
import type { Route, Run } from './routes.ts';
import { API_VERSION, type Cause, type World } from './world.ts';

/** The API under /v1: who asks, which version, which route, asked before? */
export function serveApi(world: World, all: Route[], idempotency: Idempotency, secretKey: string) {
  return async (call: Call): Promise<Reply> => {
    const request = `req_${randomLetters(14)}`;
    const key = call.method === 'POST' ? keyOf(call) : undefined;
    const headers: Record<string, string> = { 'request-id': request, 'stripe-version': API_VERSION };
    if (key) Object.assign(headers, { 'idempotency-key': key, 'original-request': request });
    try {
      authenticate(call, secretKey);
      checkVersion(call);
      const asked = digest(call.method, call.path, call.body.toString('utf8'));
      const kept = key && idempotency.recall(key, asked);
      if (kept) return replay(kept, headers);
      const run = prepare(world, call, all);
      const cause: Cause = { request, key: key ?? null, hurried: [] };
      const perform = async () => {
        const answer = atomically(world.self.store.db, () => {
          const made = execute(world, call, run, cause);
          return key ? idempotency.keep(key, { asked, request, ...made }) : made;
        });
        await Promise.all(cause.hurried);
        return answer;
      };
      const { status, body } = key ? await idempotency.during(key, asked, perform) : await perform();
      return { status, headers, body };
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error;
      return { status: error.status, headers, body: errorBody(error.body, request) };
    }
  };
}

const keyOf = (call: Call) => call.headers['idempotency-key']?.toString() || undefined;

function replay(kept: { request: string; status: number; body: object }, headers: Record<string, string>): Reply {
  const told = { ...headers, 'original-request': kept.request, 'idempotent-replayed': 'true' };
  return { status: kept.status, headers: told, body: kept.body };
}

function authenticate(call: Call, secretKey: string): void {
  const given = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1];
  if (given === secretKey) return;
  const message = given
    ? `Invalid API Key provided: ${given.slice(0, 8)}${'*'.repeat(12)}${given.slice(-4)}`
    : "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
  throw new StripeRefusal(401, { message, type: 'invalid_request_error' });
}

function checkVersion(call: Call): void {
  const version = call.headers['stripe-version'];
  if (version !== undefined && version !== API_VERSION)
    throw invalid(`Invalid Stripe API version: ${version}. This stand-in speaks ${API_VERSION}.`);
}

function prepare(world: World, call: Call, all: Route[]): Run {
  const found = all.find(({ method, path }) => method === call.method && path.test(call.path));
  if (!found) {
    const message = `Unrecognized request URL (${call.method}: ${call.path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`;
    throw new StripeRefusal(404, { message, type: 'invalid_request_error' });
  }
  const id = decodeURIComponent(found.path.exec(call.path)?.[1] ?? '');
  const { expand: wanted, ...form } = parseForm(
    call.method === 'GET' ? call.query.toString() : call.body.toString('utf8'),
  );
  const paths = expandParam(wanted);
  const run = found.prepare(form as Fields, id);
  return (cause) => expand(world, run(cause), paths);
}

/** Runs the call and gives what its idempotency key keeps: the result, the refusal, or the 500 of the switch `api-error`. */
function execute(world: World, call: Call, run: Run, cause: Cause): Answer {
  const broken = world.self.faults.switched('api-error', `${call.method} ${call.path}`);
  const failure = { status: 500, body: errorBody(BROKEN, cause.request) };
  if (broken?.data === 'before') return failure;
  try {
    const body = structuredClone(run(cause));
    return broken ? failure : { status: 200, body };
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error;
    return broken ? failure : { status: error.status, body: errorBody(error.body, cause.request) };
  }
}

const BROKEN: ErrorBody = {
  type: 'api_error',
  message: 'Sorry, there was an unexpected error processing your request. We have been notified.',
};

const errorBody = (error: ErrorBody, request: string | null) => ({
  error: { ...error, request_log_url: `https://dashboard.stripe.com/test/logs/${request}` },
});
