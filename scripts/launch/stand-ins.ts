/** The setting by which a provider counts as the user's own. */
const ANCHORS: Record<string, string> = {
  proxmox: 'PROXMOX_URL',
  powerdns: 'POWERDNS_URL',
  registrar: 'EPP_HOST',
  acme: 'ACME_DIRECTORY_URL',
  stripe: 'STRIPE_SECRET_KEY',
  mail: 'MAIL_DATABASE_URL',
  smtp: 'SMTP_URL',
  vies: 'VIES_URL',
};

/** Providers that stand-ins play: those that the user has not configured nor switched off, and those listed in STAND_INS. */
export function played(env: NodeJS.ProcessEnv): string[] {
  const off = list(env.PROVIDERS_OFF);
  const forced = list(env.STAND_INS);
  return Object.entries(ANCHORS)
    .filter(([name, anchor]) => forced.includes(name) || !(env[anchor] || off.includes(name)))
    .map(([name]) => name);
}

/** The settings of the stand-ins that are played, all of a provider's or none: half of a real system's would be a mixture. */
export function settingsOf(
  bySystem: Record<string, Record<string, string>>,
  standIns: string[],
): Record<string, string> {
  const settings = Object.entries(bySystem).flatMap(([system, env]) =>
    Object.entries(env).filter(([name]) => standIns.includes(name === 'SMTP_URL' ? 'smtp' : system)),
  );
  return Object.fromEntries(settings);
}

const list = (value = '') => value.split(',').map((name) => name.trim());
