import { ProviderError, Refused } from '../core/errors.ts';
import { type Certificate, Instance } from '../db/entities/index.ts';
import { findCertificate, LIVE } from '../db/queries/certificates.ts';
import { first } from '../db/queries/entity.ts';
import { openSecret } from '../db/queries/secrets.ts';
import type { StepActivities, StepRef } from '../workflows/contract.ts';
import type { Deps } from './deps.ts';
import { guestTools } from './guests.ts';
import { poll } from './poll.ts';

const AGENT_MS = 5 * 60_000;
const RELOAD_MS = 30_000;
const SERVED_MS = 30_000;

// Where images of ours look for the certificate, and what makes them take it up (docs/operations.md).
const CHAIN_FILE = '/etc/mpanel/tls/fullchain.pem';
const KEY_FILE = '/etc/mpanel/tls/privkey.pem';
const RELOAD = ['systemctl', 'reload', 'mpanel-edge'];

/** Brings a certificate into a guest through its agent, and looks at it from outside. */
export function deployActivities(deps: Deps) {
  const guests = guestTools(deps);

  /** The certificate and the VM that serves it; undefined where there is no agent to bring it there, or nothing to renew. */
  async function pair(ref: StepRef): Promise<{ row: Certificate; instance: Instance } | undefined> {
    const row = await findCertificate(deps.em(), ref.targetId);
    const wanted = row?.chain && row.keySecretId && LIVE.includes(row.status);
    if (!wanted && ref.type === 'certificate_renew') return undefined;
    if (!wanted) throw new Refused('the certificate is not wanted any more');
    const instance = row.targetId ? await first(deps.em(), Instance, { id: row.targetId }) : null;
    return instance?.kind === 'qemu' ? { row, instance } : undefined;
  }

  return {
    async deployCertificate(ref) {
      const found = await pair(ref);
      if (!found) return 'skipped';
      const { row, instance } = found;
      const view = await guests.need(instance);
      const up = await poll(async () => (await deps.proxmox.agentPing(view)) || undefined, AGENT_MS);
      if (!up) throw unclear('agent', `the agent of guest ${instance.vmid} does not answer`);
      await deps.proxmox.agentWriteFile(view, CHAIN_FILE, row.chain!);
      await deps.proxmox.agentWriteFile(view, KEY_FILE, await openSecret(deps.em(), deps.seal, row.keySecretId!));
      const reload = await deps.proxmox.agentExec(view, RELOAD, RELOAD_MS);
      if (reload.exitCode !== 0) throw unclear('agent', `reload ended with ${reload.exitCode}: ${reload.stderr}`);
    },

    async verifyCertificate(ref) {
      const found = await pair(ref);
      if (!found) return 'skipped';
      const { row, instance } = found;
      const target = { address: instance.ipv4 ?? '', port: deps.config.TLS_PORT, name: row.domain, roots: deps.roots };
      const wrong: string[] = [];
      const served = await poll(async () => {
        const view = await deps.probe.tls(target).catch(notYet);
        if (view?.trusted && view.serial === row.serial) return view;
        wrong[0] = view ? (view.error ?? `serves serial ${view.serial}`) : 'no answer';
        return undefined;
      }, SERVED_MS * deps.config.RETRY_SCALE);
      if (!served) throw unclear('verify', `${row.domain} at ${target.address}:${target.port}: ${wrong[0]}`);
    },
  } satisfies Partial<StepActivities>;
}

function notYet(error: unknown): undefined {
  if (error instanceof ProviderError) return undefined;
  throw error;
}

function unclear(operation: string, detail: string): ProviderError {
  return new ProviderError({ provider: 'guest', operation, kind: 'unknown', detail });
}
