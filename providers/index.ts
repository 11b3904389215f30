import { readFileSync } from 'node:fs';
import { ProviderError } from '../core/errors.ts';
import type { Config } from '../runtime/config.ts';
import { createAcme } from './acme/client.ts';
import { createMailHost } from './mailhost/client.ts';
import { createPowerDns } from './powerdns/client.ts';
import { createProbe } from './probe/client.ts';
import { createProxmox } from './proxmox/client.ts';
import { createRegistrar } from './registrar/client.ts';
import { createMailer } from './smtp/client.ts';
import { createPayments } from './stripe/client.ts';
import { createVies } from './vies/client.ts';

const TIMEOUT_MS = 28_000;

/** The adapters, as the settings say. One that is switched off says so whenever it is used. */
export function createProviders(config: Config) {
  const off = (name: string) => config.PROVIDERS_OFF.includes(name);
  const choose = <T extends object>(name: string, make: () => T): T => (off(name) ? switchedOff<T>(name) : make());
  return {
    proxmox: choose('proxmox', () =>
      createProxmox({
        url: config.PROXMOX_URL!,
        tokenId: config.PROXMOX_TOKEN_ID!,
        tokenSecret: config.PROXMOX_TOKEN_SECRET!,
        timeoutMs: TIMEOUT_MS,
      }),
    ),
    powerdns: choose('powerdns', () =>
      createPowerDns({ url: config.POWERDNS_URL!, apiKey: config.POWERDNS_API_KEY!, timeoutMs: TIMEOUT_MS }),
    ),
    registrar: choose('registrar', () =>
      createRegistrar({
        host: config.EPP_HOST!,
        port: config.EPP_PORT,
        user: config.EPP_USER!,
        password: config.EPP_PASSWORD!,
        ...(config.EPP_CA ? { ca: pem(config.EPP_CA) } : {}),
        timeoutMs: TIMEOUT_MS,
      }),
    ),
    acme: choose('acme', () =>
      createAcme({
        directoryUrl: config.ACME_DIRECTORY_URL!,
        ...(config.ACME_CA ? { ca: pem(config.ACME_CA) } : {}),
        timeoutMs: TIMEOUT_MS,
      }),
    ),
    payments: choose('stripe', () =>
      createPayments({
        secretKey: config.STRIPE_SECRET_KEY!,
        timeoutMs: TIMEOUT_MS,
        ...(config.STRIPE_API_URL ? { apiUrl: config.STRIPE_API_URL } : {}),
      }),
    ),
    mailhost: choose('mail', () => createMailHost({ databaseUrl: config.MAIL_DATABASE_URL! })),
    mailer: choose('smtp', () => createMailer({ url: config.SMTP_URL!, from: config.MAIL_FROM })),
    vies: choose('vies', () => createVies({ url: config.VIES_URL, timeoutMs: TIMEOUT_MS })),
    probe: createProbe({}),
    roots: config.ACME_ROOTS ? [pem(config.ACME_ROOTS)] : [],
  };
}

function pem(file: string): string {
  return readFileSync(file, 'utf8');
}

/** Every call of it is denied: an operator has to decide what becomes of what needs it. */
function switchedOff<T extends object>(provider: string): T {
  const deny = (operation: string) => () =>
    Promise.reject(
      new ProviderError({ provider, operation, kind: 'denied', detail: `${provider} is switched off (PROVIDERS_OFF)` }),
    );
  return new Proxy({} as T, { get: (_, name) => (name === 'close' ? () => undefined : deny(String(name))) });
}
