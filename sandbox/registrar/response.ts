import type { TransactionIds } from './records.ts';
import { MESSAGES, type Reply } from './result.ts';
import { branch, document, leaf } from './xml.ts';

/** A response frame, its parts in the order of RFC 5730 2.6. */
export function response(reply: Reply, transaction: TransactionIds): string {
  const { code, reason, msgQ, resData, extension } = reply;
  return document(
    branch('response', [
      branch('result', [leaf('msg', MESSAGES[code]!), reason === undefined ? undefined : explain(reason)], { code }),
      msgQ && queue(msgQ),
      resData && branch('resData', [resData]),
      extension && branch('extension', [extension]),
      branch('trID', [
        transaction.client === undefined ? undefined : leaf('clTRID', transaction.client),
        leaf('svTRID', transaction.server),
      ]),
    ]),
  );
}

const explain = (reason: string) => branch('extValue', [branch('value', ['<undef/>']), leaf('reason', reason)]);

function queue({ count, id, at, text }: NonNullable<Reply['msgQ']>): string {
  return branch('msgQ', [at && leaf('qDate', at), text && leaf('msg', text)], { count, id });
}
