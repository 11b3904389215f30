import { processOf } from '../process.ts';
import type { Saga } from '../saga.ts';

/** Does what two people approved, and looks whether it helped. What protects somebody is not undone. */
export const guardianRemediate: Saga = {
  type: 'guardian_remediate',
  forwardOnly: true,
  steps: [
    { name: 'apply', do: 'applyRemedy' },
    { name: 'verify', do: 'verifyRemedy' },
    { name: 'close remediation', do: 'closeRemediation' },
  ],
};

export const guardian_remediate = processOf(guardianRemediate);
