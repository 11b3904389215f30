import type { World } from './world.ts';

/** What of a guest's configuration a customer would notice. */
const TOLD = ['cores', 'memory', 'onboot', 'scsi0', 'rootfs', 'ipconfig0', 'net0', 'lock'];

/** Everything that is there in the world and could be left over, one line each, inside and outside. */
export async function slate(world: World): Promise<string[]> {
  const [rows, mail] = await Promise.all([ours(world), mailHost(world)]);
  return [
    ...proxmox(world),
    ...powerdns(world),
    ...registrar(world),
    ...acme(world),
    ...stripe(world),
    ...mail,
    ...rows,
  ];
}

/** What `now` has more than `then` ("+ …") and less ("- …"). */
export function changes(then: readonly string[], now: readonly string[]): string[] {
  return [...surplus(now, then).map((line) => `+ ${line}`), ...surplus(then, now).map((line) => `- ${line}`)];
}

function surplus(of: readonly string[], over: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of over) left.set(line, (left.get(line) ?? 0) + 1);
  return of.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

interface Guest {
  vmid: string;
  kind: string;
  node: string;
  running?: object;
  config: Record<string, string>;
  firewall: { rules?: Record<string, string>[]; ipset: Record<string, { entries: Record<string, object> }> };
}

function proxmox(world: World): string[] {
  const state = world.running('proxmox').state() as {
    guests: Guest[];
    volumes: { volid: string }[];
    jobs: { id: string; vmid?: string }[];
    edges: { vmid: string; address?: string }[];
  };
  return [
    ...state.guests.map(
      (guest) => `proxmox guest ${guest.vmid}: ${guest.kind} ${guest.running ? 'running' : 'stopped'} ${told(guest)}`,
    ),
    ...state.volumes.map(({ volid }) => `proxmox volume ${volid}`),
    ...state.jobs.map(({ id, vmid }) => `proxmox backup job ${id}: ${vmid}`),
    ...state.edges.map(({ vmid, address }) => `proxmox edge of ${vmid}: ${address}`),
  ];
}

function told({ config, firewall }: Guest): string {
  const options = TOLD.filter((name) => config[name] !== undefined).map((name) => `${name}=${config[name]}`);
  const rules = (firewall.rules ?? []).map(({ action, dport }) => `${action} ${dport}`);
  const sources = Object.values(firewall.ipset).flatMap(({ entries }) => Object.keys(entries));
  return [...options, `sources=${sources.sort().join(',')}`, ...rules].join(' ');
}

function powerdns(world: World): string[] {
  const zones = world.running('powerdns').state() as {
    name: string;
    rrsets: { name: string; type: string; records: { content: string }[] }[];
  }[];
  return zones.flatMap((zone) => [
    `powerdns zone ${zone.name}`,
    ...zone.rrsets
      .filter(({ type }) => type !== 'SOA')
      .flatMap(({ name, type, records }) => records.map(({ content }) => `powerdns record ${name} ${type} ${content}`)),
  ]);
}

function registrar(world: World): string[] {
  const state = world.running('registrar').state() as {
    domains: {
      name: string;
      sponsor: string;
      registrant: string;
      statuses: string[];
      expiresAt: string;
      createdAt: string;
    }[];
    contacts: { id: string }[];
    hosts: { name: string }[];
    accounts: { id: string; balance: number }[];
  };
  const years = (from: string, to: string) => new Date(to).getUTCFullYear() - new Date(from).getUTCFullYear();
  return [
    ...state.domains.map(
      (domain) =>
        `registrar domain ${domain.name}: ${domain.sponsor} ${domain.registrant} ${years(domain.createdAt, domain.expiresAt)} years ${domain.statuses.join(',')}`,
    ),
    ...state.contacts.map(({ id }) => `registrar contact ${id}`),
    ...state.hosts.map(({ name }) => `registrar host ${name}`),
    ...state.accounts.map(({ id, balance }) => `registrar balance of ${id}: ${balance}`),
  ];
}

/** Orders that lead nowhere lapse by themselves; a certificate that is valid and nobody's does not. */
function acme(world: World): string[] {
  const state = world.running('acme').state() as {
    certificates: { serial: string; revoked?: object }[];
  };
  return state.certificates.filter(({ revoked }) => !revoked).map(({ serial }) => `acme certificate ${serial}`);
}

function stripe(world: World): string[] {
  const state = world.running('stripe').state() as {
    charges: { id: string; amount: number; status: string }[];
    refunds: { id: string; amount: number; status: string }[];
  };
  return [
    ...state.charges.map(({ id, amount, status }) => `stripe charge ${id}: ${amount} ${status}`),
    ...state.refunds.map(({ id, amount, status }) => `stripe refund ${id}: ${amount} ${status}`),
  ];
}

async function mailHost(world: World): Promise<string[]> {
  // SMTP cannot do better than once or again (RFC 5321 4.5.4.1); who gets one again knows it by its id.
  const { messages } = (await world.running('mail').state()) as {
    messages: { to: string[]; subject: string; messageId: string }[];
  };
  const rows = await world.mailRows<{ line: string }>(`
      select 'mail domain ' || name || ' ' || dkim_selector || ' ' || active as line from virtual_domains
      union all select 'mail mailbox ' || address || ' ' || quota_mb || ' MB ' || active || ' ' || md5(password) from virtual_mailboxes
      union all select 'mail alias ' || source || ' to ' || destination from virtual_aliases order by line`);
  return [
    ...rows.map(({ line }) => line),
    ...new Set(messages.map(({ to, subject, messageId }) => `mail ${messageId} to ${to.join()}: ${subject}`)),
  ];
}

/** Rows that stand for something: live, on their way, held or owed. */
async function ours(world: World): Promise<string[]> {
  return (await world.rows<{ line: string }>(ROWS)).map(({ line }) => line);
}

const live = (table: string, name: string, gone: string) =>
  `select 'row ${table.replace('_', ' ')} ' || ${name} || ': ' || status from ${table} where status not in (${gone})`;

const ROWS = [
  `select 'held VMID ' || vmid as line from vmid_slot where instance_id is not null or "foreign"`,
  `select 'held address ' || host(address) || case when order_item_id is null then '' else ' as an extra' end from ip_address where instance_id is not null`,
  `select 'held room on ' || node || ' for ' || id from instance where node is not null and status not in ('deleted', 'failed')`,
  `select 'place in line at ' || name from clone_line, jsonb_array_elements(line)`,
  live('instance', 'hostname', `'deleted', 'failed'`),
  live('instance_addon', 'kind', `'deleted'`),
  live(
    'domain',
    `name || coalesce(' until ' || extract(year from expires_at) - extract(year from now()), '') || case when renewal is null then '' else ' renewing' end`,
    `'deleted', 'failed'`,
  ),
  live('dns_zone', 'name', `'deleted'`),
  live('email_domain', 'name', `'deleted', 'failed'`),
  live('mailbox', 'local_part', `'deleted', 'failed'`),
  live('certificate', `domain || coalesce(' ' || serial, '')`, `'failed', 'revoked'`),
  live('subscription', `billing_cycle`, `'cancelled'`),
  `select 'row renewal invoice ' || total || ': ' || status from invoice where subscription_id is not null`,
  `select 'row finding ' || kind || ' ' || subject || ': ' || severity || ' ' || state from guardian_finding`,
  `select 'row drift ' || kind || ' ' || subject || ': ' || state from drift_finding`,
  `select 'row remediation ' || (plan->>'remedy') || ': ' || status from guardian_remediation`,
  `select 'row scan: ' || status from guardian_scan`,
  `select 'row API key ' || name from api_key`,
  `select 'row old key ' || key from idempotency_key`,
  `select 'row record ' || dns_zone.name || ' ' || dns_record.name || ' ' || type || ' ' || content from dns_record join dns_zone on dns_zone.id = zone_id`,
  `select 'row item ' || type || ' ' || price || ': ' || status from order_item where status not in ('undone', 'cancelled')`,
  `select 'money kept of ' || invoice_id || ': ' || kept from (select invoice_id, sum(amount - (select coalesce(sum(amount), 0) from refund where payment_id = payment.id and refund.status = 'succeeded')) as kept from payment group by invoice_id) books where kept <> 0`,
  `select 'row invoice says refunded ' || amount_refunded || ' but ' || back from (select invoice.id, amount_refunded, (select coalesce(sum(refund.amount), 0) from refund join payment on payment.id = payment_id where payment.invoice_id = invoice.id and refund.status = 'succeeded' and not surplus) as back from invoice) books where back <> amount_refunded`,
  `select 'row job ' || type || ': ' || status from job where status in ('running', 'blocked', 'compensating')`,
  // The harness has its orders paid for, and no workflow of theirs.
  `select 'row job ' || begun.type || ': pending' || coalesce(', begun by ' || job.type, '') from job begun left join job on job.id = begun.parent_job_id where begun.status = 'pending' and begun.type <> 'order_fulfil'`,
  // What the steps name. What the database notes beside it is as often as an attempt writes a row.
  `select 'audit ' || action from audit_event where actor_type = 'system' and request_id is not null and action not in (resource_type || '.created', resource_type || '.updated', 'dns_record.deleted')`,
].join(' union all ');
