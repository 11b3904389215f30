import { ASKS, JOB_TYPES, type JobType, RECONCILE } from '../../workflows/catalog.ts';
import { sagas } from '../../workflows/sagas.ts';

/** Workflows that are nobody's job. */
const JOBLESS = [...Object.values(ASKS), RECONCILE] as const;
export type WorkflowType = JobType | (typeof JOBLESS)[number];
export const WORKFLOW_TYPES: readonly WorkflowType[] = [...JOB_TYPES, ...JOBLESS];
export const isJob = (type: WorkflowType): type is JobType => JOB_TYPES.includes(type as JobType);

const FORWARD = ['happy', 'blocked'];
const COMPENSATING = [...FORWARD, 'compensated'];

/** Workflows that are no list of steps: what they wait for, and how they end. */
const OWN: Partial<Record<WorkflowType, readonly string[]>> = {
  // unheard: paid, and no event told of it · twice: paid on two pages · late: paid when it was closed already
  order_fulfil: ['happy', 'blocked', 'compensated', 'cancelled', 'unpaid', 'unheard', 'twice'],
  payment_settle: ['late', 'blocked'],
  subscription_cancel: ['happy', 'cancelled'],
  drift: FORWARD,
  // Forward only, on the database and by mail: where they stand still they do so as every other saga.
  ...Object.fromEntries(
    [
      'subscription_renew', 'subscription_suspend', 'subscription_lapse', 'renewal_sweep', 'expiry_sweep', 'cleanup_sweep',
      'notice_send', 'email_suspend', 'email_unsuspend', 'guardian_scan', 'guardian_remediate',
    ].map((type) => [type, ['happy']]), // biome-ignore format: a list
  ),
};

/** Every path that a workflow of this type can take, and of which there must be a history; undefined where nobody has said. */
export function pathsOf(type: WorkflowType): readonly string[] | undefined {
  if (OWN[type]) return OWN[type];
  const saga = sagas.find((each) => each.type === type);
  if (saga) return saga.forwardOnly ? FORWARD : COMPENSATING;
  return isJob(type) ? undefined : ['happy'];
}
