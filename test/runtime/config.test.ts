import { describe, expect, test } from '@jest/globals';
import { ConfigError, checkMode, loadConfig, PROVIDERS } from '../../runtime/config.ts';

const NEEDED = {
  DATABASE_URL: 'postgres://localhost/mpanel',
  JWT_SECRET: 'x'.repeat(32),
  SEAL_KEY: Buffer.alloc(32).toString('base64'),
};
const LIVE: Record<string, string> = {
  ...NEEDED,
  MPANEL_MODE: 'live',
  ...{ PROXMOX_URL: 'https://pve:8006', PROXMOX_TOKEN_ID: 'a@pve!b', PROXMOX_TOKEN_SECRET: 'c' },
  ...{ POWERDNS_URL: 'http://dns:8081', POWERDNS_API_KEY: 'd' },
  ...{ EPP_HOST: 'epp', EPP_USER: 'e', EPP_PASSWORD: 'f' },
  ...{ ACME_DIRECTORY_URL: 'https://ca/directory', STRIPE_SECRET_KEY: 'sk_live_g', STRIPE_WEBHOOK_SECRET: 'whsec_h' },
  ...{ MAIL_DATABASE_URL: 'postgres://localhost/mail', SMTP_URL: 'smtp://relay:587' },
};
/** A setting that each provider cannot do without; VIES has one address, and asks for no account. */
const KEY: Record<string, string> = {
  ...{ proxmox: 'PROXMOX_TOKEN_SECRET', powerdns: 'POWERDNS_URL', registrar: 'EPP_HOST', acme: 'ACME_DIRECTORY_URL' },
  ...{ stripe: 'STRIPE_SECRET_KEY', mail: 'MAIL_DATABASE_URL', smtp: 'SMTP_URL' },
};
const start = (env: Record<string, string>) => checkMode(loadConfig(env));
const without = (name: string) => Object.fromEntries(Object.entries(LIVE).filter(([key]) => key !== name));

describe('A live installation', () => {
  test('starts when every provider is configured', () => expect(() => start(LIVE)).not.toThrow());

  test.each(PROVIDERS.filter((provider) => provider !== 'vies'))(
    'without %s refuses, and starts where it is switched off by name',
    (provider) => {
      const env = without(KEY[provider]!);
      expect(() => start(env)).toThrow(new RegExp(`not configured: ${KEY[provider]} \\(${provider}\\)`));
      expect(() => start({ ...env, PROVIDERS_OFF: provider })).not.toThrow();
    },
  );

  test('takes no money that is none', () => {
    expect(() => start({ ...LIVE, STRIPE_SECRET_KEY: 'sk_test_g' })).toThrow(/test mode/);
    expect(() => start({ ...LIVE, STRIPE_API_URL: 'http://127.0.0.1:1' })).toThrow(/STRIPE_API_URL/);
  });
});

describe('TRUST_PROXY', () => {
  const trusted = (TRUST_PROXY: string) => loadConfig({ ...NEEDED, TRUST_PROXY }).TRUST_PROXY;

  test('takes addresses, ranges and names of ranges', () =>
    expect(trusted('loopback, 10.0.0.0/8,fd00::1')).toEqual(['loopback', '10.0.0.0/8', 'fd00::1']));

  test.each(['true', '1', 'proxy.example'])('refuses %s, which would trust nobody or anybody', (value) =>
    expect(() => trusted(value)).toThrow(ConfigError),
  );
});
