import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority } from './authority.ts';
import { lookupTxt } from './dns.ts';
import { Problem, type ProblemDocument } from './problem.ts';
import { type Authorization, daysFromNow } from './records.ts';

const TAKES_MS = 2000;

/** Starts the check and answers the authorization as it is meanwhile. `authz-invalid` decides it beforehand. */
export function beginValidation(ca: Authority, authz: Authorization, operation: string): Authorization {
  const doomed = ca.switched<{ reason?: string; type?: string }>('authz-invalid', operation);
  const verdict = doomed && new Problem(403, doomed.type ?? 'unauthorized', doomed.reason ?? 'invalid').document;
  const begun: Authorization = { ...authz, challenge: { ...authz.challenge, status: 'processing' } };
  ca.records.authorizations.set(authz.id, begun);
  run(ca, begun, verdict);
  return begun;
}

/** Takes up the checks that a crash cut off. */
export function resumeValidations(ca: Authority): void {
  for (const authz of ca.records.authorizations.values()) if (authz.challenge.status === 'processing') run(ca, authz);
}

function run(ca: Authority, authz: Authorization, verdict?: ProblemDocument): void {
  const job = validate(ca, authz, verdict).finally(() => ca.running.delete(job));
  ca.running.add(job);
}

async function validate(ca: Authority, authz: Authorization, verdict: ProblemDocument | undefined): Promise<void> {
  await sleep(TAKES_MS * ca.speed, undefined, { signal: ca.stop }).catch(() => undefined);
  const error = verdict ?? (await problemWith(ca, authz));
  const current = ca.stop.aborted ? undefined : ca.records.authorizations.get(authz.id);
  if (current?.status !== 'pending') return;
  const status = error ? 'invalid' : 'valid';
  ca.records.authorizations.set(authz.id, {
    ...current,
    status,
    expires: error ? current.expires : daysFromNow(30),
    challenge: { ...current.challenge, status, validated: new Date().toISOString(), ...(error ? { error } : {}) },
  });
}

/** RFC 8555 8.4: one of the TXT records must be the digest, at every server asked. */
async function problemWith(ca: Authority, authz: Authorization): Promise<ProblemDocument | undefined> {
  const name = `_acme-challenge.${authz.name}`;
  const print = ca.records.accounts.get(authz.account)!.thumbprint;
  const wanted = createHash('sha256').update(`${authz.challenge.token}.${print}`).digest('base64url');
  for (const server of ca.dns) {
    try {
      const found = await lookupTxt(server, name, ca.stop);
      if (found.length === 0) return new Problem(403, 'unauthorized', `No TXT record found at ${name}`).document;
      if (!found.includes(wanted))
        return new Problem(403, 'unauthorized', `Incorrect TXT record "${found[0]}" found at ${name}`).document;
    } catch (error) {
      return new Problem(400, 'dns', `DNS problem: ${(error as Error).message} looking up TXT for ${name}`).document;
    }
  }
  return undefined;
}
