import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { withClient } from '../../../scripts/launch/database.ts';
import type { Outside } from './outside.ts';

export interface Guest {
  vmid: string;
  kind: 'qemu' | 'lxc';
  node: string;
  config: Record<string, string>;
  running?: object;
  firewall: { options: Record<string, string>; ipset: Record<string, { entries: Record<string, object> }> };
}
export interface Registered {
  name: string;
  sponsor: string;
  registrant: string;
  nameservers: string[];
  createdAt: string;
  expiresAt: string;
}
export interface Mail {
  to: string[];
  subject: string;
  text: string;
}
interface Zone {
  name: string;
  rrsets: { name: string; type: string; records: { content: string }[] }[];
}
interface Money {
  id: string;
  amount: number;
  amount_refunded: number;
  status: string;
  metadata: Record<string, string>;
}
export interface StripeState {
  sessions: { id: string; status: string; payment_status: string; client_reference_id: string }[];
  charges: Money[];
  refunds: (Money & { charge: string })[];
  events: { id: string; type: string; data: { object: { id: string } }; deliveries: { state: string }[] }[];
}
interface ProxmoxState {
  guests: Guest[];
  backups: { volid: string }[];
  volumes: { volid: string; node: string }[];
  jobs: Record<string, unknown>[];
}

/** What is true outside, in the words of the outside systems. */
export function world(outside: Outside, env: NodeJS.ProcessEnv) {
  const proxmox = () => outside.state<ProxmoxState>('proxmox');
  const stripe = () => outside.state<StripeState>('stripe');

  async function guests(): Promise<Guest[]> {
    return (await proxmox()).guests.filter(({ config }) => config.template !== '1');
  }

  /** "www.a.example. A" → contents, without what every zone has. */
  async function records(): Promise<Record<string, string[]>> {
    const zones = await outside.state<Zone[]>('powerdns');
    const rrsets = zones.flatMap((zone) => zone.rrsets).filter(({ type }) => type !== 'SOA');
    return Object.fromEntries(
      rrsets.map(({ name, type, records }) => [`${name} ${type}`, records.map(({ content }) => content).sort()]),
    );
  }

  const mailRows = <T>(text: string): Promise<T[]> =>
    withClient(String(env.MAIL_DATABASE_URL), async (client) => (await client.query(text)).rows as T[]);

  return {
    proxmox,
    stripe,
    guests,
    records,
    /** The one guest that carries the mark of this instance. */
    async guestOf(instanceId: string): Promise<Guest> {
      const marked = (await guests()).filter(({ config }) => config.description?.includes(instanceId));
      if (marked.length !== 1) throw new Error(`${marked.length} guests carry the mark of ${instanceId}`);
      return marked[0]!;
    },
    async registered(name: string): Promise<Registered | undefined> {
      const { domains } = await outside.state<{ domains: Registered[] }>('registrar');
      return domains.find((domain) => domain.name === name);
    },
    mailboxes: async (): Promise<string[]> =>
      (await mailRows<{ address: string }>('select address from virtual_mailboxes where active order by address')).map(
        ({ address }) => address,
      ),
    mails: async (to: string): Promise<Mail[]> =>
      (await outside.state<{ messages: Mail[] }>('mail')).messages.filter((mail) => mail.to.includes(to)),
    /** Orders at the CA for a host name. */
    async certificateOrders(name: string): Promise<{ status: string }[]> {
      const { orders } = await outside.state<{ orders: { status: string; names: string[] }[] }>('acme');
      return orders.filter(({ names }) => names.includes(name));
    },

    /** Minor units that came in and went back for an invoice. */
    async money(invoiceId: string) {
      const { charges, refunds } = await stripe();
      const paid = charges.filter(({ metadata, status }) => metadata.invoiceId === invoiceId && status === 'succeeded');
      const ids = paid.map(({ id }) => id);
      const back = refunds.filter(({ charge, status }) => ids.includes(charge) && status === 'succeeded');
      return { charged: paid.map(({ amount }) => amount), refunded: back.map(({ amount }) => amount) };
    },

    /** All that would be left over if something were left over. */
    async slate() {
      const [{ volumes, jobs }, registrar] = await Promise.all([
        proxmox(),
        outside.state<{ domains: Registered[]; contacts: { id: string }[] }>('registrar'),
      ]);
      return {
        guests: (await guests()).map(({ vmid }) => vmid),
        volumes: volumes.map(({ node, volid }) => `${node} ${volid}`),
        backupJobs: jobs.length,
        records: await records(),
        domains: registrar.domains.map(({ name }) => name),
        contacts: registrar.contacts.map(({ id }) => id),
        mailDomains: await mailRows('select name from virtual_domains order by name'),
        mailboxes: await mailRows('select address from virtual_mailboxes order by address'),
      };
    },

    /** A TLS handshake with a guest's edge: whether the chain leads to the CA's root and the name matches. */
    handshake: (address: string, name: string): Promise<{ authorized: boolean; names: string }> =>
      new Promise((done, fail) => {
        const at = { host: address, port: Number(env.TLS_PORT), servername: name, rejectUnauthorized: false };
        const socket = connect({ ...at, ca: readFileSync(String(env.ACME_ROOTS)), timeout: 5000 }, () => {
          done({ authorized: socket.authorized, names: socket.getPeerCertificate().subjectaltname ?? '' });
          socket.destroy();
        });
        socket.once('timeout', () => socket.destroy(new Error('no handshake within 5 s')));
        socket.once('error', fail);
      }),
  };
}
