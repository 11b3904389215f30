import { CHECKS } from '../../core/guardian.ts';
import { processOf } from '../process.ts';
import type { Saga } from '../saga.ts';

/** Looks at all that a tenant has, one check after the other. It changes nothing outside. */
export const guardianScan: Saga = {
  type: 'guardian_scan',
  forwardOnly: true,
  steps: [
    ...CHECKS.map((name) => ({ name, do: 'lookForWeaknesses' as const })),
    { name: 'close scan', do: 'closeScan' },
  ],
};

export const guardian_scan = processOf(guardianScan);
