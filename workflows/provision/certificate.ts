import { processOf } from '../process.ts';
import type { Saga, Step } from '../saga.ts';

/** A certificate by dns-01, shared by everything that serves one. */
export const certificateSteps: readonly Step[] = [
  { name: 'authorize certificate', do: 'authorizeCertificate', undo: 'withdrawChallenge' },
  { name: 'issue certificate', do: 'issueCertificate', undo: 'revokeCertificate' },
];

/** Into the guest through its agent, then looked at from outside. A container has no agent: both are skipped. */
export const deploySteps: readonly Step[] = [
  { name: 'deploy certificate', do: 'deployCertificate' },
  { name: 'verify by TLS handshake', do: 'verifyCertificate' },
];

export const certificateIssue: Saga = {
  type: 'certificate_issue',
  steps: [
    { name: 'claim', do: 'holdCertificate', undo: 'failCertificate' },
    ...certificateSteps,
    ...deploySteps,
    { name: 'activate', do: 'activateCertificate' },
  ],
};

/** The old certificate stays in place until the new one is served. */
export const certificateRenew: Saga = {
  type: 'certificate_renew',
  forwardOnly: true,
  steps: [
    { name: 'authorize certificate', do: 'authorizeCertificate' },
    { name: 'issue certificate', do: 'issueCertificate' },
    ...deploySteps,
    { name: 'activate', do: 'activateCertificate' },
  ],
};

export const certificate_issue = processOf(certificateIssue);
export const certificate_renew = processOf(certificateRenew);
