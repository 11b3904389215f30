import { ErrorBody } from '../../api/contracts/mpanel/errors.ts';
import { mpanelRoutes } from '../../api/contracts/mpanel/index.ts';
import type { Route } from '../../api/http/route.ts';

interface Told {
  status: number;
  /** As JSON says it; undefined where the answer is none, or no JSON. */
  body: unknown;
}

/**
 * Throws where an answer of the API is none that its route promises. The server looks at what its handlers answer; this
 * looks at what has arrived: refusals, kept answers and what a process in live mode sends as well.
 */
export function holdToPromise(method: string, path: string, { status, body }: Told): void {
  if (!path.startsWith('/api/') || ['HEAD', 'OPTIONS'].includes(method)) return;
  const { pathname } = new URL(path, 'http://api');
  const route = status < 400 ? routeOf(method, pathname.slice('/api'.length)) : undefined;
  if (route?.contentType) return;
  const schema = status < 400 ? route?.responses[status] : ErrorBody;
  const result = schema?.safeParse(body);
  if (result?.success) return;
  throw new Error(`${method} ${path} answers ${status} as nothing promises: ${result?.error.message ?? 'no schema'}`);
}

/** What is written out goes before an id. */
const routes = [...mpanelRoutes]
  .sort((a, b) => Number(a.path.includes(':')) - Number(b.path.includes(':')))
  .map((route) => ({ route, pattern: new RegExp(`^${route.path.replace(/:\w+/g, '[^/]+')}$`) }));

export function routeOf(method: string, path: string): Route | undefined {
  return routes.find(({ route, pattern }) => route.method === method.toLowerCase() && pattern.test(path))?.route;
}
