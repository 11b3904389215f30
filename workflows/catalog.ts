/**
 * Everything by which the rest of the system names a workflow: types, ids, inputs, signals, search attributes.
 * Pure data, importable from anywhere.
 */

/** A job's type is its workflow's type. Those with an undo compensate; the others only go forward. */
export const JOB_TYPES = [
  'order_fulfil',
  'cloudpod_provision',
  'cloudpod_suspend',
  'cloudpod_unsuspend',
  'cloudpod_delete',
  'addon_ip',
  'addon_disk',
  'addon_backup',
  'addon_remove',
  'domain_register',
  'domain_renew',
  'dns_apply',
  'email_attach',
  'email_detach',
  'mailbox_create',
  'mailbox_update',
  'mailbox_delete',
  'certificate_issue',
  'certificate_renew',
  'email_suspend',
  'email_unsuspend',
  'subscription_renew',
  'subscription_suspend',
  'subscription_lapse',
  'renewal_sweep',
  'expiry_sweep',
  'cleanup_sweep',
  'notice_send',
  'subscription_cancel',
  'invoice_refund',
  'payment_settle',
  'vat_check',
  'drift',
  'guardian_scan',
  'guardian_remediate',
] as const;
export type JobType = (typeof JOB_TYPES)[number];

/** Input of every job's workflow: ids only, the rest is read from the database by its activities. */
export interface JobInput {
  jobId: string;
  type: JobType;
  tenantId: string;
  /** The resource; its table follows from the type. */
  targetId: string;
  customerId: string | null;
  orderId: string | null;
}

/** How a job ended. `compensated`: undone, nothing is left of it. */
export interface JobOutcome {
  outcome: 'completed' | 'compensated' | 'cancelled';
  /** Why it was undone, in words for the customer. */
  reason?: string;
}

export function jobWorkflowId(job: Pick<JobInput, 'type' | 'tenantId' | 'jobId'>): string {
  return `${job.type}/${job.tenantId}/${job.jobId}`;
}

/** What an operator decides about a blocked step. */
export interface Decision {
  /** Id of the audit row: a repeat of the signal changes nothing. */
  eventId: string;
  kind: 'retry' | 'skip' | 'give-up';
  reason: string;
  /** Which one it is about; without it, all that stand still when it comes. */
  step?: string;
}

export const SIGNALS = {
  /** Argument: {@link Decision}. To the workflow of a blocked job. */
  decide: 'decide',
  /** Argument: event id. To order_fulfil: something may have been paid, look. */
  payment: 'payment',
  /** Argument: event id. To order_fulfil before payment: the order was called off. */
  cancel: 'cancel',
  /** Argument: event id. To a subscription_cancel that waits for the end of the period: stay after all. */
  keep: 'keep',
  /** No argument. To a job that waits for the world (capacity, a finding that is open): look again. */
  capacity: 'capacity',
} as const;
export type SignalName = (typeof SIGNALS)[keyof typeof SIGNALS];

/** Short questions to an outside system that an HTTP request waits for. */
export const ASKS = {
  /** Input {@link DomainQuestion}, result DomainAnswer. */
  domain: 'ask_domain',
  /** Input {@link CheckoutQuestion}, result CheckoutAnswer. */
  checkout: 'ask_checkout',
} as const;

/** One cycle of the reconciler; no input, result DriftReport[]. */
export const RECONCILE = 'reconcile';
/** One look at what is due by itself; no input, result how many jobs it began. */
export const SWEEP = 'sweep';

/** The queue on which the activities of questions are polled for. */
export function askQueue(taskQueue: string): string {
  return `${taskQueue}-ask`;
}

export interface DomainQuestion {
  /** A-label. */
  name: string;
}
export interface DomainAnswer {
  available: boolean;
  reason: string | null;
}

export interface CheckoutQuestion {
  tenantId: string;
  /** Row of checkout_session, written before asking. */
  sessionId: string;
}
export interface CheckoutPage {
  stripeId: string;
  url: string;
}
/** A page, or why no card pays this amount: Stripe has a least and a largest one for each currency. */
export type CheckoutAnswer = CheckoutPage | { unpayable: 'too_small' | 'too_large' };

/** Search attributes of every run, all of type Keyword. */
export const SEARCH_ATTRIBUTES = ['TenantId', 'OrderId', 'CustomerId', 'JobType', 'JobState'] as const;

/** What a person reads as the summary of a run in the Temporal UI. */
export function jobSummary(job: Pick<JobInput, 'type' | 'targetId'>): string {
  return `${job.type.replace('_', ' ')} ${job.targetId}`;
}

/** Which work goes first where more waits than the workers can do; 1 before 5, as Temporal's priority keys. */
export const PRIORITY = {
  /** Somebody waits for the answer. */
  asked: 1,
  /** What an order that is paid for is made of. */
  delivery: 2,
  /** Thousands of unpaid orders may end in the same hour. */
  usual: 3,
  byItself: 4,
} as const;

const BY_ITSELF: readonly JobType[] = ['renewal_sweep', 'expiry_sweep', 'cleanup_sweep', 'drift'];

/**
 * Of a run and all it does. Where the key is the same, tenants take turns: none fills the queue for the others
 * (`matching.enableFairness` of the server).
 */
export function priorityOf({ type, tenantId }: Pick<JobInput, 'type' | 'tenantId'>, delivered = false) {
  const usual = BY_ITSELF.includes(type) ? PRIORITY.byItself : PRIORITY.usual;
  return { priorityKey: delivered ? PRIORITY.delivery : usual, fairnessKey: tenantId };
}
