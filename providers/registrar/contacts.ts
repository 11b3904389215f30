import { createContact, deleteContact, infoContact, isEqual, updateContact } from './commands/contact.ts';
import { answered, type Connection, failure } from './connection.ts';
import type { Contact } from './port.ts';

/** Creates the contact, or makes the one we have under this id equal. Throws `conflict` where another registrar has it. */
export async function ensureContact(epp: Connection, id: string, contact: Contact): Promise<void> {
  try {
    // Contacts are never transferred, so that nobody needs to know the password that the schema asks for.
    await epp.execute('ensureContact', createContact(id, contact, crypto.randomUUID()), () => {});
  } catch (error) {
    if (!answered(error, 2302)) throw error;
    await makeEqual(epp, id, contact);
  }
}

async function makeEqual(epp: Connection, id: string, contact: Contact): Promise<void> {
  const held = await ours(epp, id);
  if (isEqual(held, contact)) return;
  await epp.execute('ensureContact', updateContact(id, contact), () => {});
}

async function ours(epp: Connection, id: string) {
  try {
    return await epp.query('ensureContact', infoContact(id), ({ data }) => data);
  } catch (error) {
    if (answered(error, 2201)) throw failure('ensureContact', 'conflict', `contact ${id} has another sponsor`, error);
    throw error;
  }
}

/** Gone, or never there, or another's; one that a domain still names is left alone. */
export async function removeContact(epp: Connection, id: string): Promise<void> {
  try {
    await epp.execute('deleteContact', deleteContact(id), () => {});
  } catch (error) {
    if (!answered(error, 2201, 2303, 2305)) throw error;
  }
}
