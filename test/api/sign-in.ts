import assert from 'node:assert/strict';
import type { Deps } from '../../activities/deps.ts';
import { createActivities } from '../../activities/index.ts';
import { openDatabase } from '../../db/config.ts';
import { Notification } from '../../db/entities/index.ts';
import type { OutgoingMail } from '../../providers/smtp/port.ts';
import type { Api } from './support.ts';

/** The worker's part of mails: what was written for an address is sent by the activity, and lands here. */
export async function postOffice(api: Api) {
  const orm = await openDatabase({ url: api.config.DATABASE_URL, pool: 2 });
  const sent: OutgoingMail[] = [];
  const mailer = { send: async (mail: OutgoingMail) => void sent.push(mail) };
  const { sendNotice } = createActivities({ em: () => orm.em.fork(), config: api.config, mailer } as unknown as Deps);

  /** Sends what waits for an address; answers the tokens of its links, oldest first. */
  async function deliver(recipient: string): Promise<string[]> {
    const waiting = { recipient, sentAt: null, refusal: null };
    for (const { id: targetId, tenantId } of await api.orm.em
      .fork()
      .find(Notification, waiting, { orderBy: { id: 1 } }))
      await sendNotice({ targetId, tenantId } as Parameters<typeof sendNotice>[0]);
    return sent
      .filter(({ to }) => to === recipient)
      .map(({ text }) => /\/password#([\w-]{43})/.exec(text)?.[1] ?? text);
  }

  return { sent, deliver, close: () => orm.close(true) };
}

export const manual = (url: string, cookies: string[] = []) =>
  fetch(url, { redirect: 'manual', headers: { cookie: cookies.join('; ') } });
const cookiesOf = (response: Response) => response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]!);

/** A browser that signs in by a connection, at a provider that asks nothing. */
export function openIdBrowser(api: Api, issuer: string, connection: string) {
  const path = `${api.url}/api/auth/oidc/${connection}`;

  /** Was at the provider, and is on its way back: with our cookie, and the query that it brings. */
  async function goThere() {
    const begun = await manual(`${path}/start`);
    assert.equal(begun.status, 303);
    const cookie = cookiesOf(begun)[0]!;
    const jar = new Map<string, string>();
    let at = begun.headers.get('location')!;
    const first = new URL(at);
    while (at.startsWith(issuer)) {
      const page = await manual(
        at,
        [...jar].map((pair) => pair.join('=')),
      );
      for (const set of cookiesOf(page)) jar.set(set.slice(0, set.indexOf('=')), set.slice(set.indexOf('=') + 1));
      at = new URL(page.headers.get('location')!, issuer).href;
    }
    return { status: begun.status, cookie, first, query: new URL(at).search };
  }

  async function comeBack({ cookie, query }: { cookie: string; query: string }) {
    const response = await manual(`${path}/callback${query}`, [cookie]);
    return { status: response.status, text: await response.text(), to: response.headers.get('location') ?? '' };
  }

  const finish = (cookie: string, to: string) =>
    api.anyone('POST', '/api/auth/oidc/finish', { body: { code: to.split('#')[1] }, headers: { cookie } });

  return {
    goThere,
    comeBack,
    finish,
    async signIn() {
      const there = await goThere();
      const back = await comeBack(there);
      assert.deepEqual([back.status, back.text], [303, '']);
      return finish(there.cookie, back.to);
    },
  };
}
