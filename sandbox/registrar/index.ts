import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import type { Start } from '../lib/stand-in.ts';
import { acts } from './acts.ts';
import { certificate } from './certificate.ts';
import { Decisions } from './pending.ts';
import { OURS, Registry } from './registry.ts';
import { type House, Session } from './session.ts';
import { plantNameServers } from './world.ts';

const SESSIONS = 100;

/**
 * A registry that speaks EPP (RFC 5730–5734; domain, host and contact objects, secDNS and rgp) over TLS. Operations for
 * faults and log: hello, login, logout, poll:req, poll:ack, domain:create, contact:info, host:update …; a `status` fault
 * answers with that EPP result code. The log holds both frames of each as they were on the wire, and each greeting as `connect`.
 *
 * | switch | what it plays |
 * |---|---|
 * | cut-after-commit | the command takes effect and the connection is cut before the answer |
 * | slow { ms } | the command takes effect and the answer comes late |
 * | pending-create { ms?, ok?, twice? } | 1001, the result by poll message after ms or by the act finish-pending; delivered twice |
 * | session-2500 | the command fails and the server ends the session |
 * | login-limit-2502 | login finds too many sessions |
 * | taken-between-check-and-create | somebody else registers the name just before our create |
 * | balance-empty-2104 | nothing is left on the account |
 * | auto-renewed | the registry renews the domain by itself just before our command on it |
 * | transferred-away | another registrar has the domain just before our command on it |
 *
 * SANDBOX_EPP_SESSIONS sets how many sessions an account may have at a time.
 */
export const start: Start = async (self, around) => {
  const { path, cert, key } = await certificate(around.dir, around.host);
  const registry = new Registry(self.store, self.name);
  plantNameServers(registry, around.env.NAMESERVERS?.split(',') ?? []);
  const decisions = new Decisions(registry);
  const sessions = new Set<Session>();
  const limit = Number(around.env.SANDBOX_EPP_SESSIONS ?? SESSIONS);
  const house: House = { self, registry, decisions, sessions, limit, speed: around.speed };
  const server = createServer({ cert, key, minVersion: 'TLSv1.2' }, (socket) => {
    // A connection that breaks, or whose bytes are no frames, ends; there is nobody left to tell.
    new Session(house, socket).serve().catch(() => socket.destroy());
  });
  const wanted = await around.port('epp');
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(wanted, around.host, done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      EPP_HOST: around.host,
      EPP_PORT: String(port),
      EPP_USER: OURS.id,
      EPP_PASSWORD: registry.accounts.get(OURS.id)!.password,
      EPP_CA: path,
    },
    urls: { epp: `epp://${around.host}:${port}` },
    state: () => ({
      domains: registry.domains(),
      contacts: registry.contacts.values(),
      hosts: registry.hosts.values(),
      accounts: registry.accounts.values(),
      ledger: registry.ledger.values(),
      messages: registry.messages.values(),
      sessions: sessions.size,
    }),
    acts: {
      ...acts(registry),
      /** Every connection is cut, as before maintenance. */
      'cut-sessions': () => {
        for (const session of sessions) session.cut();
      },
    },
    close: () =>
      new Promise<void>((done) => {
        decisions.close();
        server.close(() => done());
        for (const session of sessions) session.cut();
      }),
  };
};
