import type { EntityManager } from '@mikro-orm/postgresql';
import { DRIFT } from '../core/drift.ts';
import { ProviderProbe } from '../db/entities/index.ts';
import { measureBacklog, tellDelay } from '../db/queries/backlog.ts';
import { countFindings, lastChecks } from '../db/queries/findings.ts';
import { asPlatform } from '../db/tenant-scope.ts';
import type { createProviders } from '../providers/index.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import { driftCheckedAt, driftOpen, jobsBlocked, outboxOldestSeconds, outboxPending } from '../runtime/metrics.ts';
import { heartbeat } from './heartbeat.ts';

const EVERY_MS = 10_000;
/** Other people's servers are looked at every so many rounds; the nodes' heartbeat is taken in each. */
const OTHERS_EVERY = 6;

type Providers = ReturnType<typeof createProviders>;

/** Looks at every outside system now and then, for /status, and takes the heartbeat of the hypervisors. */
export function startProbes(
  em: () => EntityManager,
  providers: Providers,
  config: Config,
  log: Logger,
): { stop(): void } {
  const looks: Record<string, () => Promise<string>> = {
    proxmox: () => heartbeat(em(), providers.proxmox),
    powerdns: async () =>
      (await providers.powerdns.readZone(config.PLATFORM_DOMAIN)) ? 'answers' : `has no zone ${config.PLATFORM_DOMAIN}`,
    registrar: async () =>
      (await providers.registrar.check([`probe.${config.PLATFORM_DOMAIN}`])).length ? 'answers' : 'answers nothing',
    acme: () => providers.acme.ping().then(() => 'answers'),
    smtp: () => providers.mailer.ping().then(() => 'answers'),
    vies: () => providers.vies.ping().then(() => 'answers'),
    stripe: async () => ((await providers.payments.readCheckout('cs_probe')) ? 'odd' : 'answers'),
    mail: async () => ((await providers.mailhost.readMailbox(`probe@${config.PLATFORM_DOMAIN}`)) ? 'odd' : 'answers'),
  };

  async function look(name: string, ask: () => Promise<string>): Promise<void> {
    const checkedAt = new Date();
    const seen = await ask().then(
      (detail) => ({ ok: true, detail }),
      (error: Error) => ({ ok: false, detail: error.message }),
    );
    await em().upsert(ProviderProbe, { name, ...seen, checkedAt });
  }

  let rounds = 0;
  async function round(): Promise<void> {
    const others = rounds++ % OTHERS_EVERY === 0;
    const due = Object.entries(looks).filter(([name]) => others || name === 'proxmox');
    await Promise.all(due.map(([name, ask]) => look(name, ask)));
    const backlog = await measureBacklog(em());
    outboxPending.set(backlog.pending);
    outboxOldestSeconds.set(backlog.oldestSeconds);
    jobsBlocked.set(backlog.blocked);
    await tellDelay(em(), backlog);
    await showDrift(em());
  }

  const run = () =>
    void asPlatform('probes look at the platform', round).catch((err: unknown) =>
      log.warn({ err }, 'probes not stored'),
    );
  const timer = setInterval(run, EVERY_MS);
  run();
  return { stop: () => clearInterval(timer) };
}

/**
 * From the rows, so that every worker tells the same whoever has looked. What is not there is told as 0: an alert cannot
 * compare with a series that is missing.
 */
async function showDrift(em: EntityManager): Promise<void> {
  const counts = await countFindings(em);
  for (const [kind, { system }] of Object.entries(DRIFT)) driftOpen.set({ system, kind }, 0);
  for (const { system, kind, count } of counts) driftOpen.set({ system, kind }, count);
  for (const { system, completedAt } of await lastChecks(em))
    if (completedAt) driftCheckedAt.set({ system }, completedAt.getTime() / 1000);
}
