import { acknowledgeMessage, readMessage, requestMessage } from './commands/poll.ts';
import { answered, Connection, type RegistrarConfig } from './connection.ts';
import { ensureContact, removeContact } from './contacts.ts';
import * as domains from './domains.ts';
import { ensureHosts } from './hosts.ts';
import type { Registrar } from './port.ts';

export type { RegistrarConfig } from './connection.ts';

/** A registry or reseller that speaks EPP with host objects. One session, opened by the first command. */
export function createRegistrar(config: RegistrarConfig): Registrar {
  const epp = new Connection(config);
  return {
    clientId: config.user,
    check: (names) => domains.check(epp, names),
    ensureContact: (id, contact) => ensureContact(epp, id, contact),
    deleteContact: (id) => removeContact(epp, id),
    ensureHosts: (hosts) => ensureHosts(epp, hosts),
    createDomain: (domain) => domains.create(epp, domain),
    info: (name) => domains.info(epp, name),
    renew: (name, currentExpiry, years) => domains.renew(epp, name, currentExpiry, years),
    setNameservers: (name, nameservers) => domains.setNameservers(epp, name, nameservers),
    deleteDomain: (name) => domains.remove(epp, name),
    poll: () => epp.query('poll', requestMessage(), readMessage),
    acknowledge: (messageId) => acknowledge(epp, messageId),
    close: () => epp.close(),
  };
}

/** A message that is not there any more has been acknowledged. */
async function acknowledge(epp: Connection, messageId: string): Promise<void> {
  try {
    await epp.execute('acknowledge', acknowledgeMessage(messageId), () => {});
  } catch (error) {
    if (!answered(error, 2303)) throw error;
  }
}
