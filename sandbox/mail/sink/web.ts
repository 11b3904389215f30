import type { Call, Reply } from '../../lib/http.ts';
import type { Kept, Messages } from './messages.ts';
import { listPage, mailPage } from './pages.ts';

/**
 * GET /                         the inbox as a page, GET /mail/<id> one mail
 * GET /messages?to=&since=      JSON: mails to exactly that address, with a number above `since`
 * GET /messages/<id>            JSON: one mail with HTML part, headers and source
 */
export function sinkWeb(messages: Messages): (call: Call) => Reply {
  return ({ method, path, query }) => {
    if (method !== 'GET') return { status: 405, headers: { allow: 'GET' } };
    const [what = '', id] = path.slice(1).split('/');
    if (what === '' && !id) return html(listPage(messages.list()));
    if (what === 'messages' && !id) {
      const wanted = { to: query.get('to') ?? undefined, since: Number(query.get('since') ?? 0) };
      return { status: 200, body: messages.list(wanted).map(summary) };
    }
    const mail = messages.get(id ?? '');
    if (!mail || (what !== 'mail' && what !== 'messages'))
      return { status: 404, body: { error: 'no such mail or page' } };
    return what === 'mail' ? html(mailPage(mail)) : { status: 200, body: mail };
  };
}

function summary({ id, at, from, to, subject, messageId, text, bounced }: Kept) {
  return { id, at, from, to, subject, messageId, text, bounced };
}

function html(body: string): Reply {
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}
