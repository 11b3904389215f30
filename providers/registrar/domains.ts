import * as frames from './commands/domain.ts';
import { answered, type Connection, failure } from './connection.ts';
import type { Availability, DomainView } from './port.ts';
import { required, textOf } from './xml.ts';

/** Most registries answer no more names in one command. */
const BATCH = 50;
const PENDING = 1001;

export async function check(epp: Connection, names: readonly string[]): Promise<Availability[]> {
  const found: Availability[] = [];
  for (let at = 0; at < names.length; at += BATCH) {
    const command = frames.checkDomains(names.slice(at, at + BATCH));
    found.push(...(await epp.query('check', command, ({ data }) => frames.readAvailability(data))));
  }
  return found;
}

export function create(epp: Connection, domain: frames.NewDomain): Promise<{ pending: boolean; expiresAt?: Date }> {
  return epp.execute('createDomain', frames.createDomain(domain), ({ code, data }) => {
    const expiry = textOf(data, 'exDate');
    return { pending: code === PENDING, ...(expiry === undefined ? {} : { expiresAt: new Date(expiry) }) };
  });
}

export async function info(epp: Connection, name: string): Promise<DomainView | undefined> {
  try {
    return await epp.query('info', frames.infoDomain(name), ({ data }) => frames.readDomain(data));
  } catch (error) {
    if (answered(error, 2303)) return undefined;
    throw error;
  }
}

/**
 * The registry's expiry must be `currentExpiry`. Which code tells that it is not differs between registries (2004, 2105,
 * 2306), and 2105 may also mean that the domain cannot be renewed: all three are `conflict`, and info shows which it is.
 */
export async function renew(
  epp: Connection,
  name: string,
  currentExpiry: Date,
  years: number,
): Promise<{ expiresAt: Date }> {
  try {
    const command = frames.renewDomain(name, currentExpiry, years);
    return await epp.execute('renew', command, ({ data }) => ({ expiresAt: new Date(required(data, 'exDate')) }));
  } catch (error) {
    if (answered(error, 2004, 2105, 2306)) throw failure('renew', 'conflict', error.detail, error, error.code);
    throw error;
  }
}

/** Sends the difference only, so that it can be repeated. */
export async function setNameservers(epp: Connection, name: string, nameservers: readonly string[]): Promise<void> {
  const held = (await info(epp, name))?.nameservers.map((host) => host.toLowerCase());
  if (!held) throw failure('setNameservers', 'absent', `no domain ${name}`);
  const wanted = nameservers.map((host) => host.toLowerCase());
  const added = wanted.filter((host) => !held.includes(host));
  const removed = held.filter((host) => !wanted.includes(host));
  if (added.length + removed.length === 0) return;
  await epp.execute('setNameservers', frames.updateNameservers(name, added, removed), () => {});
}

/** Throws `busy` while something is pending that the registry must decide first. */
export async function remove(epp: Connection, name: string): Promise<void> {
  try {
    await epp.execute('deleteDomain', frames.deleteDomain(name), () => {});
  } catch (error) {
    if (answered(error, 2303)) return;
    if (!answered(error, 2201, 2304)) throw error;
    const held = await info(epp, name);
    if (!held || held.sponsor !== epp.user || held.statuses.includes('pendingDelete')) return;
    const pending = held.statuses.find((status) => status.startsWith('pending'));
    throw pending ? failure('deleteDomain', 'busy', `${name} is ${pending}`, error, error.code) : error;
  }
}
