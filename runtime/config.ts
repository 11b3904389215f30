import type { z } from 'zod';
import { inWords } from './issue-words.ts';
import { createKeyRing, type KeyRing } from './keys.ts';
import { type SettingName, settings } from './settings.ts';

export { settings } from './settings.ts';

export type Config = { readonly [name in SettingName]: z.infer<(typeof settings)[name]['schema']> };

/** A sentence for each wrong setting; the value of a secret is never in it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads every setting; an empty variable counts as unset. Throws ConfigError naming all that is wrong. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const read: Record<string, unknown> = {};
  const wrong: string[] = [];
  for (const [name, { schema }] of Object.entries(settings)) {
    const result = schema.safeParse(env[name] || undefined, { error: inWords });
    if (result.success) read[name] = result.data;
    else
      wrong.push(`${name}: ${env[name] ? result.error.issues.map((issue) => issue.message).join(', ') : 'is needed'}`);
  }
  if (wrong.length) throw new ConfigError(`wrong settings: ${wrong.join('; ')}`);
  return read as Config;
}

/** What a live installation must have configured, by provider. */
const NEEDED: Record<string, SettingName[]> = {
  proxmox: ['PROXMOX_URL', 'PROXMOX_TOKEN_ID', 'PROXMOX_TOKEN_SECRET'],
  powerdns: ['POWERDNS_URL', 'POWERDNS_API_KEY'],
  registrar: ['EPP_HOST', 'EPP_USER', 'EPP_PASSWORD'],
  acme: ['ACME_DIRECTORY_URL'],
  stripe: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'],
  mail: ['MAIL_DATABASE_URL'],
  smtp: ['SMTP_URL'],
  vies: [],
};

export const PROVIDERS = Object.keys(NEEDED);

/** Refuses a half-configured live installation, so that nobody gives servers away against a stand-in's money. */
export function checkMode(config: Config): void {
  if (config.MPANEL_MODE === 'live') checkMoney(config);
  const missing = PROVIDERS.filter((name) => !config.PROVIDERS_OFF.includes(name)).flatMap((name) =>
    (NEEDED[name] ?? []).filter((setting) => config[setting] === undefined).map((setting) => `${setting} (${name})`),
  );
  if (missing.length)
    throw new ConfigError(
      `MPANEL_MODE=${config.MPANEL_MODE}: not configured: ${missing.join(', ')}; set them or list the provider in PROVIDERS_OFF`,
    );
}

function checkMoney({ STRIPE_API_URL, STRIPE_SECRET_KEY }: Config): void {
  if (STRIPE_API_URL) throw new ConfigError('MPANEL_MODE=live: STRIPE_API_URL leads to a stand-in; unset it');
  if (STRIPE_SECRET_KEY && /^[rs]k_test_/.test(STRIPE_SECRET_KEY))
    throw new ConfigError("MPANEL_MODE=live: STRIPE_SECRET_KEY is of Stripe's test mode, whose payments are not money");
}

/** Of everything that is sealed, in the database and in Temporal. */
export function keyRing(config: Pick<Config, 'SEAL_KEY' | 'SEAL_KEYS_OTHER'>): KeyRing {
  return createKeyRing(config.SEAL_KEY, config.SEAL_KEYS_OTHER);
}

export function nameservers(config: Config): string[] {
  return config.NAMESERVERS.length
    ? config.NAMESERVERS
    : [`ns1.${config.PLATFORM_DOMAIN}`, `ns2.${config.PLATFORM_DOMAIN}`];
}

export function publicUrl(config: Config): string {
  return config.PUBLIC_URL ?? `http://${config.HOST}:${config.PORT}`;
}

/** Where people go: without a slash at its end. */
export function panelUrl(config: Config): string {
  return (config.PANEL_URL ?? publicUrl(config)).replace(/\/$/, '');
}
