import type { ProviderErrorKind } from '../../core/errors.ts';
import { find, findAll, type Read, read, required, textOf } from './xml.ts';

/** A response frame (RFC 5730 2.6). */
export interface Result {
  code: number;
  /** The registry's sentence, with its reasons. */
  message: string;
  /** The object's element inside resData. */
  data?: Read;
  queue?: { id: string; count: number; at?: string; text?: string };
  clientTransaction?: string;
  serverTransaction: string;
}

/** Throws SyntaxError on a frame that is no response. */
export function readResult(xml: string): Result {
  const response = read(xml);
  const result = find(response, 'result');
  if (response.name !== 'response' || !result) throw new SyntaxError(`no response but <${response.name}>`);
  const transaction = find(response, 'trID');
  const data = find(response, 'resData')?.children[0];
  const queue = readQueue(find(response, 'msgQ'));
  const client = textOf(transaction, 'clTRID');
  return {
    code: Number(result.attributes.code),
    message: [
      required(result, 'msg'),
      ...findAll(result, 'extValue').flatMap((one) => textOf(one, 'reason') ?? []),
    ].join(': '),
    ...(data ? { data } : {}),
    ...(queue ? { queue } : {}),
    ...(client === undefined ? {} : { clientTransaction: client }),
    serverTransaction: required(transaction, 'svTRID'),
  };
}

function readQueue(msgQ: Read | undefined): Result['queue'] {
  if (!msgQ) return undefined;
  const [at, text] = [textOf(msgQ, 'qDate'), textOf(msgQ, 'msg')];
  return {
    id: msgQ.attributes.id ?? '',
    count: Number(msgQ.attributes.count),
    ...(at === undefined ? {} : { at }),
    ...(text === undefined ? {} : { text }),
  };
}

/**
 * What a result code tells about the effect. A code of 2000 and above means that the command was not carried out (RFC
 * 5730 section 3), so that none is `unknown`.
 */
const KINDS: Readonly<Record<number, ProviderErrorKind>> = {
  2104: 'denied',
  2200: 'denied',
  2201: 'denied',
  2202: 'denied',
  2302: 'conflict',
  2303: 'absent',
  2400: 'busy',
  2500: 'busy',
  2501: 'denied',
  2502: 'busy',
};

export const isSuccess = (code: number) => code >= 1000 && code < 2000;

/** Codes after which the registry ends the session. */
export const endsSession = (code: number) => code === 1500 || code >= 2500;

/** Codes that are not in the table are refusals for good: syntax, values, policy, prohibitions. */
export const kindOf = (code: number): ProviderErrorKind => KINDS[code] ?? 'refused';
