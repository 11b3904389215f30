import type Stripe from 'stripe';
import type { Line } from './lines.ts';
import { display } from './money.ts';

type Session = Stripe.Checkout.Session;

/** The checkout page: what is bought, for how much, and what can be done now. Works without scripts. */
export function checkoutPage(session: Session, lines: Line[], decline: string | undefined): string {
  const currency = session.currency ?? '';
  const amount = display(session.amount_total ?? 0, currency);
  const rows = lines.map((line) => row(line, currency)).join('');
  const body = `<p class="to">${quoted(session.customer_details?.email ?? '')}</p>
<h1>${amount}</h1>
<table>${rows}<tr class="sum"><td>Total</td><td>${amount}</td></tr></table>
${decline ? `<p class="declined" role="alert">${quoted(decline)} Try again, or use another card.</p>` : ''}
${action(session, amount)}`;
  return document(`Pay ${amount}`, body);
}

function row(line: Line, currency: string): string {
  const many = (line.quantity ?? 1) > 1 ? ` <span class="many">× ${line.quantity}</span>` : '';
  return `<tr><td>${quoted(line.description ?? '')}${many}</td><td>${display(line.amount_total, currency)}</td></tr>`;
}

function action(session: Session, amount: string): string {
  if (session.status === 'complete') return '<p class="done">This checkout is complete. Thank you.</p>';
  if (session.status === 'expired') return '<p class="done">This checkout has expired. Please ask for a new one.</p>';
  const back = session.cancel_url ? `<a href="${quoted(session.cancel_url)}">Cancel and go back</a>` : '';
  const at = `/c/pay/${session.id}`;
  return `<form method="post" action="${at}/pay"><button class="pay">Pay ${amount}</button></form>
<form method="post" action="${at}/decline"><button class="decline">Decline the card</button></form>
<p class="back">${back}</p>`;
}

/** Every checkout there is, the newest first, for people who look around. */
export function indexPage(sessions: Session[]): string {
  const rows = sessions.toReversed().map((session) => {
    const amount = display(session.amount_total ?? 0, session.currency ?? '');
    const who = quoted(session.customer_details?.email ?? session.id);
    const paid = session.payment_status === 'paid' ? 'paid' : session.status;
    return `<tr><td><a href="/c/pay/${session.id}">${who}</a></td><td>${amount}, ${paid}</td></tr>`;
  });
  return document('Checkouts', `<h1>Checkouts</h1><table>${rows.join('')}</table>`);
}

export function absentPage(): string {
  return document('Not found', '<h1>Not found</h1><p>There is no such checkout.</p>');
}

function document(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>${STYLE}</style></head>
<body><main><p class="mark">Test mode: no money moves</p>
${body}
</main></body></html>
`;
}

const STYLE = `
body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f6f8fb;color:#1a1f36;font:16px/1.5 system-ui,sans-serif}
main{width:min(26rem,calc(100vw - 4rem));background:#fff;padding:2rem;border-radius:12px;box-shadow:0 12px 40px #1a1f3620}
h1{margin:.2rem 0 1rem;font-size:2.4rem}table{width:100%;border-collapse:collapse;margin-bottom:1.5rem}
td{padding:.5rem 0;border-bottom:1px solid #e3e8ee;vertical-align:top}td:last-child{text-align:right;white-space:nowrap}
.sum td{border:0;font-weight:600}.to,.many,.back{color:#697386}.to{margin:0}.back{text-align:center;margin:1rem 0 0}
.mark{display:inline-block;margin:0 0 1rem;padding:.1rem .6rem;border-radius:6px;background:#ffe8c2;color:#6b4500;font-size:.8rem}
button{width:100%;padding:.8rem;margin-top:.6rem;border-radius:8px;border:1px solid #d5dbe1;background:#fff;font:inherit;cursor:pointer}
.pay{background:#635bff;border-color:#635bff;color:#fff;font-weight:600}
.declined{padding:.7rem 1rem;border-radius:8px;background:#fde8ec;color:#a41c4e}.done{padding:.7rem 1rem;border-radius:8px;background:#e4f6ec}
`;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const quoted = (text: string) => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
