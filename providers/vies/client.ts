import { z } from 'zod';
import { ProviderError, type ProviderErrorKind } from '../../core/errors.ts';
import { callHttp, type HttpAnswer } from '../http.ts';
import type { VatAnswer, VatNumber, Vies } from './port.ts';

const PROVIDER = 'vies';

const Answer = z.object({
  valid: z.boolean(),
  requestDate: z.coerce.date(),
  requestIdentifier: z.string().nullish(),
});
const Failure = z.object({ errorWrappers: z.array(z.object({ error: z.string() })).min(1) });

// What it says of us or of the number; everything else is about itself or a member state, and passes.
const KINDS: Record<string, ProviderErrorKind> = {
  INVALID_INPUT: 'refused',
  INVALID_REQUESTER_INFO: 'denied',
  VAT_BLOCKED: 'denied',
  IP_BLOCKED: 'denied',
  GLOBAL_MAX_CONCURRENT_REQ: 'busy',
  MS_MAX_CONCURRENT_REQ: 'busy',
};

/** VIES over its REST API (ec.europa.eu/taxation_customs/vies/rest-api). A question changes nothing and may be repeated. */
export function createVies({ url, timeoutMs }: { url: string; timeoutMs: number }): Vies {
  async function call(operation: string, method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await callHttp({
      ...{ provider: PROVIDER, operation, method, timeoutMs, url: `${url}${path}` },
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return read(operation, answer);
  }

  return {
    async check({ country, number }: VatNumber, requester: VatNumber | null): Promise<VatAnswer> {
      const who = requester && {
        requesterMemberStateCode: requester.country,
        requesterNumber: requester.number,
      };
      const said = await call('check', 'POST', '/check-vat-number', {
        countryCode: country,
        vatNumber: number,
        ...who,
      });
      const { valid, requestDate, requestIdentifier } = parsed('check', Answer, said);
      return { valid, askedAt: requestDate, consultation: requestIdentifier || undefined };
    },
    ping: async () => void (await call('ping', 'GET', '/check-status')),
  };
}

/** Refusals come with 200 or 400 and name themselves in the body. */
function read(operation: string, { status, text }: HttpAnswer): unknown {
  const said = json(text);
  const failed = Failure.safeParse(said);
  if (failed.success) {
    const code = failed.data.errorWrappers[0]?.error ?? '';
    throw new ProviderError({ provider: PROVIDER, operation, kind: KINDS[code] ?? 'unavailable', code, detail: code });
  }
  if (status === 200 && said !== undefined) return said;
  const detail = `answered ${status}`;
  throw new ProviderError({ provider: PROVIDER, operation, kind: 'unavailable', code: String(status), detail });
}

function parsed<T extends z.ZodType>(operation: string, schema: T, said: unknown): z.output<T> {
  const result = schema.safeParse(said);
  if (result.success) return result.data;
  throw new ProviderError({ provider: PROVIDER, operation, kind: 'unavailable', detail: 'answered something else' });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
