import { ASKS, JOB_TYPES, type JobType, RECONCILE, SWEEP } from '../../workflows/catalog.ts';
import { sagas } from '../../workflows/sagas.ts';

/** Workflows that are nobody's job: nothing of them stands still, since who asked, or their schedule, asks again. */
const JOBLESS = [...Object.values(ASKS), RECONCILE, SWEEP] as const;
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
  subscription_cancel: ['happy', 'cancelled', 'blocked'],
  drift: FORWARD,
};

/** Every path that a workflow of this type can take, and of which there must be a history; undefined where nobody has said. */
export function pathsOf(type: WorkflowType): readonly string[] | undefined {
  if (OWN[type]) return OWN[type];
  const saga = sagas.find((each) => each.type === type);
  if (saga) return saga.forwardOnly ? FORWARD : COMPENSATING;
  return isJob(type) ? undefined : ['happy'];
}
