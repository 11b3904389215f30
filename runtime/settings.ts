import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** One setting: its environment variable is its key in {@link settings}. */
interface Setting {
  schema: z.ZodType;
  /** Never logged, never shown. */
  secret?: true;
  /** One sentence for the README's table. */
  about: string;
}

/** Names of ranges that express knows. */
const PROXY_RANGES = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** A bare number is an address to many: here it is meant as a count of proxies, which nobody can check. */
const isAddress = (name: string) => ipaddr.IPv4.isValidFourPartDecimal(name) || ipaddr.IPv6.isValid(name);

const port = (fallback: number) => z.coerce.number().int().min(0).max(65535).default(fallback);
const seconds = (fallback: number) => z.coerce.number().int().positive().default(fallback);
/** Whole seconds, none included. */
const grace = (fallback: number) => z.coerce.number().int().min(0).default(fallback);
const list = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );
/** What should not be reachable from everywhere, and is forgotten most: remote control, files, databases, caches, APIs. */
const PORTS =
  '21,22,23,25,80,110,111,135,139,143,389,443,445,873,1433,2049,2375,2376,3000,3306,3389,5000,5432,5672,5900,5984,6379,8000,8080,8443,9000,9090,9200,10250,11211,15672,27017';
/** 32 bytes in base64. */
const SEAL_KEY = /^[A-Za-z0-9+/]{43}=$/;
const optional = z.string().min(1).optional();
const proxies = list.refine(
  (names) => names.every((name) => PROXY_RANGES.has(name) || isAddress(name) || ipaddr.isValidCIDR(name)),
  'takes addresses, ranges like 10.0.0.0/8, or loopback, linklocal, uniquelocal',
);

/** As browsers compare them: without a path, and without the port that goes without saying. */
const origins = list
  .refine(
    (urls) => urls.every((url) => /^https?:$/.test(URL.parse(url)?.protocol ?? '')),
    'takes origins like https://id.example.internal',
  )
  .transform((urls) => urls.map((url) => new URL(url).origin));

/** Every setting of the platform, declared once. */
export const settings = {
  MPANEL_MODE: { schema: z.enum(['sandbox', 'live']).default('sandbox'), about: 'sandbox: stand-ins play what is not configured; live: refuses to start while a provider is neither configured nor listed in PROVIDERS_OFF.' },
  PROVIDERS_OFF: { schema: list, about: 'Providers a live installation does without: proxmox, powerdns, registrar, acme, stripe, mail, smtp, vies.' },
  STAND_INS: { schema: list, about: 'Providers that stand-ins play; told by the launcher, shown by /api/status.' },
  HOST: { schema: z.string().default('127.0.0.1'), about: 'Address the API listens on.' },
  PORT: { schema: port(2271), about: 'Port the API listens on.' },
  PUBLIC_URL: { schema: z.url().optional(), about: 'URL customers reach the API at; defaults to http://HOST:PORT.' },
  PANEL_URL: { schema: z.url().optional(), about: 'URL of the panel that mails and sign-ins lead to; defaults to PUBLIC_URL, where a page for setting a password is served.' },
  TRUST_PROXY: { schema: proxies, about: 'Addresses of reverse proxies whose X-Forwarded-* headers count; unset: none does.' },
  CORS_ORIGINS: { schema: list, about: 'Origins of browsers that may call the API.' },
  RATE_LIMIT_ADDRESS: { schema: z.coerce.number().int().positive().default(1_200), about: 'Requests a minute from one address, or one /64 of IPv6, to all API processes together.' },
  RATE_LIMIT_TENANT: { schema: z.coerce.number().int().positive().default(6_000), about: 'Requests a minute of one tenant, to all API processes together.' },
  RATE_LIMIT_LOGIN: { schema: z.coerce.number().int().positive().default(20), about: 'Attempts to sign in a minute, from one address, to all API processes together.' },
  STREAMS_PER_USER: { schema: z.coerce.number().int().positive().default(20), about: 'Streams of live events that one user may follow at a time, in each API process.' },
  STREAM_HEARTBEAT_SECONDS: { schema: seconds(15), about: 'How often a stream that has nothing to tell says so, and its caller is looked at again.' },
  STOP_SECONDS: { schema: seconds(10), about: 'How long an API process that was told to stop lets running requests finish.' },
  INVITATION_SECONDS: { schema: seconds(7 * 24 * 3600), about: 'How long an invitation can be accepted.' },
  OIDC_INTERNAL: { schema: origins, about: 'Origins of OpenID providers, and of their endpoints elsewhere, that may have private addresses, such as https://id.example.internal; in the sandbox http:// as well.' },
  WORKER_HOST: { schema: z.string().default('127.0.0.1'), about: 'Address the workers\' health and metrics listen on.' },
  WORKER_PORT: { schema: port(2272), about: 'Port of the workers\' health and metrics.' },
  DATA_DIR: { schema: z.string().default('.data'), about: 'Where the embedded servers, stand-ins and logs keep their files.' },
  LOG_LEVEL: { schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'), about: 'Least severe level that is logged.' },
  SEED: { schema: z.enum(['none', 'demo']).default('none'), about: 'demo: products, prices, nodes and pools to try things with.' },
  ADMIN_EMAIL: { schema: z.email().default('admin@mpanel.test'), about: 'Login of the administrator made at the first start.' },
  ADMIN_PASSWORD: { schema: z.string().min(10).optional(), secret: true, about: 'Its password; unset: one is generated and printed once.' },
  JWT_SECRET: { schema: z.string().min(32), secret: true, about: 'Key of access and refresh tokens (HS256).' },
  SEAL_KEY: { schema: z.string().regex(SEAL_KEY, 'needs 32 bytes in base64'), secret: true, about: 'Key that seals secrets in the database and payloads in Temporal (AES-256-GCM).' },
  SEAL_KEYS_OTHER: { schema: list.refine((keys) => keys.every((key) => SEAL_KEY.test(key)), 'needs keys of 32 bytes in base64, with commas between'), secret: true, about: 'Further seal keys, which only open: those before SEAL_KEY, and the next one while it is being brought in.' },
  METRICS_TOKEN: { schema: optional, secret: true, about: 'Bearer token for /metrics of API and workers from elsewhere than loopback.' },
  DATABASE_URL: { schema: z.string().min(1), secret: true, about: 'PostgreSQL of the platform; unset: an embedded server.' },
  MAIL_DATABASE_URL: { schema: optional, secret: true, about: 'PostgreSQL that Postfix and Dovecot read mailboxes from; unset: a second database of the embedded server.' },
  DATABASE_POOL: { schema: z.coerce.number().int().min(2).default(10), about: 'Connections each process may hold.' },
  TEMPORAL_ADDRESS: { schema: z.string().default('127.0.0.1:7233'), about: 'host:port of the Temporal frontend; unset: an embedded server.' },
  TEMPORAL_NAMESPACE: { schema: z.string().default('default'), about: 'Temporal namespace.' },
  TEMPORAL_TASK_QUEUE: { schema: z.string().default('mpanel'), about: 'Task queue of workflows and activities.' },
  TEMPORAL_UI_ORIGINS: { schema: list, about: 'Origins of Temporal UIs whose browsers may ask /codec to decode payloads; unset: the embedded one.' },
  TEMPORAL_METRICS_PORT: { schema: port(0), about: 'Loopback port of the Temporal SDK\'s own metrics, read by the workers\' /metrics; 0: a free one.' },
  PAYMENT_WINDOW_SECONDS: { schema: seconds(3 * 24 * 3600), about: 'How long an order waits for its payment before it gives its capacity back.' },
  UNPAID_ORDERS_MAX: { schema: z.coerce.number().int().positive().default(20), about: 'Unpaid orders a customer may have at a time.' },
  CAPACITY_WAIT_SECONDS: { schema: seconds(7 * 24 * 3600), about: 'How long a paid item waits for a free address, VMID or node before it is refunded.' },
  QUARANTINE_SECONDS: { schema: seconds(7 * 24 * 3600), about: 'How long a released address or VMID is not handed out again.' },
  CANCEL_UNDO_SECONDS: { schema: seconds(3 * 24 * 3600), about: 'How long a service cancelled at once is kept, suspended, before it is destroyed.' },
  RECONCILE_SECONDS: { schema: z.coerce.number().int().min(0).default(900), about: 'How often our rows are compared with the outside systems; 0: only when `npm run admin -- reconcile` asks for it.' },
  RECONCILE_READS: { schema: z.coerce.number().int().positive().default(500), about: 'Zones, domains and certificates each that one such cycle reads singly, those looked at longest ago first.' },
  SWEEP_SECONDS: { schema: seconds(300), about: 'How often the workers look for what is due by itself: renewals, unpaid invoices, expiries.' },
  RENEWAL_INVOICE_SECONDS: { schema: seconds(14 * 24 * 3600), about: 'How long before a period ends the invoice of the next one is made.' },
  RENEWAL_DOMAIN_SECONDS: { schema: seconds(30 * 24 * 3600), about: 'The same before a domain expires.' },
  VAT_CHECK_SECONDS: { schema: z.coerce.number().int().min(24 * 3600).default(30 * 24 * 3600), about: 'How old what VIES said of a valid VAT number may become before it is asked again; a day at least.' },
  DUNNING_GRACE_SECONDS: { schema: grace(7 * 24 * 3600), about: 'How long after its due date an unpaid renewal is tolerated before the service is suspended.' },
  DUNNING_CANCEL_SECONDS: { schema: grace(14 * 24 * 3600), about: 'How long a service stands suspended for an unpaid renewal before its subscription is cancelled.' },
  EXPIRY_WARN_DAYS: { schema: z.string().default('30,7,1').transform((value) => value.split(',').map(Number)).pipe(z.array(z.number().int().positive()).min(1)), about: 'Days before a domain or certificate expires on which its customer is told, each once.' },
  CERTIFICATES_PER_HOUR: { schema: z.coerce.number().int().positive().default(50), about: 'Certificates that are renewed by themselves in an hour, so that the CA\'s limits leave room for new ones.' },
  GUARDIAN_SCAN_SECONDS: { schema: z.coerce.number().int().min(0).default(24 * 3600), about: 'How often Guardian looks at each tenant that has it switched on; 0: only when asked.' },
  GUARDIAN_PORTS: { schema: z.string().default(PORTS).transform((value) => value.split(',').map(Number)).pipe(z.array(z.number().int().min(1).max(65535))), about: 'TCP ports that Guardian tries at tenants\' own addresses.' },
  GUARDIAN_RESOLVER: { schema: optional, about: 'host:port of a recursive resolver that Guardian asks about CNAME targets which are served elsewhere, and for the DS records of zones; unset: neither is judged.' },
  GUARDIAN_KEY_DAYS: { schema: z.coerce.number().int().positive().default(90), about: 'How long an API key may go unused before Guardian calls it stale.' },
  CLEANUP_SECONDS: { schema: seconds(24 * 3600), about: 'How often dead rows are deleted: old idempotency keys, expired refresh tokens, sent outbox rows.' },
  OUTBOX_KEEP_SECONDS: { schema: seconds(30 * 24 * 3600), about: 'How long a sent outbox row is kept.' },
  RETRY_SCALE: { schema: z.coerce.number().positive().default(1), about: 'Factor on the waits between attempts of a step; below 1 for tests.' },
  RUN_EVENTS: { schema: z.coerce.number().int().min(20).default(4_000), about: 'Events after which a job that stands still goes on in a new run.' },
  STEP_ATTEMPTS: { schema: z.coerce.number().int().positive().default(6), about: 'Attempts of a step before its job is blocked.' },
  PLATFORM_DOMAIN: { schema: z.string().default('mpanel.test'), about: 'Zone of generated host names, name servers and the mail host.' },
  NAMESERVERS: { schema: list, about: 'Name servers of customers\' zones; unset: ns1 and ns2 of PLATFORM_DOMAIN.' },
  GUEST_NAMESERVERS: { schema: list, about: 'Resolvers written into guests.' },
  PROXMOX_URL: { schema: z.url().optional(), about: 'Proxmox VE, https://host:8006.' },
  PROXMOX_TOKEN_ID: { schema: optional, about: 'API token, user@realm!name; rights in docs/operations.md.' },
  PROXMOX_TOKEN_SECRET: { schema: optional, secret: true, about: 'Its secret.' },
  PROXMOX_POOL: { schema: optional, about: 'Resource pool guests are put into.' },
  PROXMOX_CLONES_PER_TEMPLATE: { schema: z.coerce.number().int().positive().default(2), about: 'Guests that are cloned from one template at a time; the others wait in the order in which they came.' },
  PROXMOX_CLONES_PER_STORAGE: { schema: z.coerce.number().int().positive().default(2), about: 'Guests that are made on one storage of a node at a time.' },
  PROXMOX_SHARED_STORAGES: { schema: list, about: 'Storages that all nodes share: guests on one of them are counted over the whole cluster.' },
  POWERDNS_URL: { schema: z.url().optional(), about: 'PowerDNS HTTP API, http://host:8081.' },
  POWERDNS_API_KEY: { schema: optional, secret: true, about: 'Its key.' },
  DNS_ADDRESS: { schema: optional, about: 'host:port of an authoritative server that is asked whether a record is visible.' },
  EPP_HOST: { schema: optional, about: 'EPP server of the registry or registrar.' },
  EPP_PORT: { schema: port(700), about: 'Its port.' },
  EPP_USER: { schema: optional, about: 'EPP client id.' },
  EPP_PASSWORD: { schema: optional, secret: true, about: 'EPP password.' },
  EPP_CA: { schema: optional, about: 'PEM file with the CA of the EPP server, where it is not a public one.' },
  ACME_DIRECTORY_URL: { schema: z.url().optional(), about: 'ACME directory; https://acme-v02.api.letsencrypt.org/directory.' },
  ACME_CA: { schema: optional, about: 'PEM file with the CA of the directory\'s own HTTPS, where it is not a public one.' },
  ACME_ROOTS: { schema: optional, about: 'PEM file with the roots that issued certificates lead to, where they are not public ones.' },
  ACME_CAA: { schema: optional, about: 'Name of the CA in CAA records, letsencrypt.org; unset: Guardian offers to add none.' },
  ACME_EMAIL: { schema: z.email().default('hostmaster@mpanel.test'), about: 'Contact of the ACME account.' },
  TLS_PORT: { schema: port(443), about: 'Port on which guests serve HTTPS, for the check after a certificate was deployed.' },
  STRIPE_API_URL: { schema: z.url().optional(), about: 'Base URL of Stripe\'s API; only for a stand-in.' },
  STRIPE_SECRET_KEY: { schema: optional, secret: true, about: 'Stripe secret key.' },
  STRIPE_WEBHOOK_SECRET: { schema: optional, secret: true, about: 'Signing secret of the webhook endpoint /api/payments/stripe/webhook.' },
  VIES_URL: { schema: z.url().default('https://ec.europa.eu/taxation_customs/vies/rest-api'), about: 'Base URL of VIES, the register of VAT numbers of the European Union.' },
  SMTP_URL: { schema: z.url().optional(), secret: true, about: 'Relay for our own mails, smtp://user:password@host:587.' },
  MAIL_FROM: { schema: z.string().default('mpanel <no-reply@mpanel.test>'), about: 'Sender of our own mails.' },
  MAIL_MX_HOST: { schema: z.string().default('mx.mpanel.test'), about: 'Host that MX records of mail domains name.' },
  MAIL_MX_ADDRESS: { schema: optional, about: 'Its address, for the platform\'s own zone.' },
} as const satisfies Record<string, Setting>; // biome-ignore format: a table

export type SettingName = keyof typeof settings;
