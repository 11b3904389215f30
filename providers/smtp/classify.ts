import type { NodemailerError } from 'nodemailer/lib/errors';
import { ProviderError, type ProviderErrorKind } from '../../core/errors.ts';

/** RFC 4954: we must log in first, or may not. */
const LOGIN_REPLIES = new Set([530, 534, 535, 538]);
/** A certificate that does not hold: asking again is useless until somebody changes it or our settings. */
const BAD_CERTIFICATE = /CERT|SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

/** @param dataBegun whether the relay may have taken the mail (it had asked for the text) */
export function classify(error: NodemailerError, dataBegun: boolean): ProviderError {
  const kind = kindOf(error, dataBegun);
  const code = String(error.responseCode ?? error.originalCode ?? error.code ?? 'UNKNOWN');
  return new ProviderError({ provider: 'smtp', operation: 'send', kind, detail: error.message, code, cause: error });
}

function kindOf(error: NodemailerError, dataBegun: boolean): ProviderErrorKind {
  if (error.code === 'EAUTH' && !isTemporary(error)) return 'denied';
  if (error.responseCode !== undefined) return kindOfReply(error);
  if (dataBegun) return 'unknown';
  if (BAD_CERTIFICATE.test(error.originalCode ?? '')) return 'denied';
  // An address that no envelope can hold never reaches the relay.
  if (error.code === 'EENVELOPE') return 'refused';
  return 'unavailable';
}

function kindOfReply(error: NodemailerError): ProviderErrorKind {
  if (LOGIN_REPLIES.has(error.responseCode ?? 0)) return 'denied';
  if (!error.permanent) return 'busy';
  // A 5xx greeting or EHLO refuses us, not the mail.
  return error.command === 'CONN' || error.command === 'EHLO' ? 'denied' : 'refused';
}

function isTemporary(error: NodemailerError): boolean {
  return error.responseCode !== undefined && error.permanent === false;
}
