import type { Kept } from './messages.ts';

/** The inbox, newest first. */
export function listPage(mails: Kept[]): string {
  const rows = mails.toReversed().map(
    (mail) => `<tr><td>${encoded(mail.at.slice(0, 19).replace('T', ' '))}<td>${encoded(mail.to.join(', '))}
      <td><a href="/mail/${mail.id}">${encoded(mail.subject || '(no subject)')}</a>${mail.bounced ? ' <em>bounced</em>' : ''}`,
  );
  const table = `<table><tr><th>UTC<th>To<th>Subject${rows.join('')}</table>`;
  return page('Mail sink', mails.length ? table : '<p>No mail yet.</p>');
}

export function mailPage(mail: Kept): string {
  const facts = { From: mail.from, To: mail.to.join(', '), At: mail.at, 'Message-ID': mail.messageId };
  const list = Object.entries(facts).map(([name, value]) => `<dt>${name}<dd>${encoded(value)}`);
  // The sandbox attribute lets nothing of a mail's HTML run or load its own script.
  const html =
    mail.html && `<h2>HTML part</h2><iframe sandbox title="HTML part" srcdoc="${encoded(mail.html)}"></iframe>`;
  const source = `<details><summary>Headers</summary><pre>${encoded(mail.headers.join('\n'))}</pre></details>`;
  const body = `<p><a href="/">All mails</a><dl>${list.join('')}</dl><pre>${encoded(mail.text)}</pre>${html}${source}`;
  return page(mail.subject || '(no subject)', body);
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${encoded(title)}</title><style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #d5dae0 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f6f8; padding: 1rem } iframe { width: 100%; height: 20rem; border: 1px solid #d5dae0 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem } dd { margin: 0; overflow-wrap: anywhere }
</style><h1>${encoded(title)}</h1>${body}</html>`;
}

function encoded(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
