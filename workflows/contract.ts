import type { DriftSystem } from '../core/drift.ts';
import type {
  CheckoutAnswer,
  CheckoutQuestion,
  Decision,
  DomainAnswer,
  DomainQuestion,
  JobInput,
  JobOutcome,
  JobType,
} from './catalog.ts';

/** What a step's activity is told: the job, and which of its steps this is. */
export interface StepRef extends JobInput {
  step: string;
  phase: 'do' | 'undo';
  /** Why, where the step writes it down: the reason of a refund. */
  note?: string;
}

/** `skipped`: there was nothing to do for this kind of target. `missed`: done, but for what is said, which its job shows. */
// biome-ignore lint/suspicious/noConfusingVoidType: most steps end without a word
export type StepResult = void | 'skipped' | { missed: string };

/** Activities that are steps of a saga. All state lies in the rows that `targetId` leads to. */
export const STEP_ACTIVITIES = [
  'holdCapacity', 'releaseCapacity', 'ensureGuest', 'destroyGuest', 'configureGuest', 'startGuest', 'stopGuest',
  'publishInstance', 'withdrawInstance', 'authorizeCertificate', 'withdrawChallenge', 'issueCertificate', 'holdCertificate', 'failCertificate',
  'deployCertificate', 'verifyCertificate', 'activateCertificate', 'activateInstance', 'markSuspended', 'markActive', 'closeBilling', 'markDeleted',
  'deleteBackups', 'revokeCertificate',
  'holdExtraAddress', 'releaseExtraAddress', 'applyAddresses', 'growDisk', 'ensureBackupJob', 'deleteBackupJob', 'firstBackup', 'deleteAddonBackups',
  'claimAddon', 'failAddon', 'activateAddon', 'unrouteAddress', 'markAddonDeleted',
  'claimDomain', 'failDomain', 'createZone', 'deleteZone', 'createContact', 'deleteContact', 'registerDomain', 'unregisterDomain',
  'activateDomain', 'claimRenewal', 'dropRenewal', 'renewDomain', 'storeRenewal', 'applyZone',
  'claimEmail', 'failEmail', 'ensureMailDomain', 'deleteMailDomain', 'publishMailRecords', 'withdrawMailRecords', 'ensureMailboxes',
  'deleteMailboxes', 'activateEmail', 'markEmailDeleted', 'ensureMailbox', 'deleteMailbox', 'markMailboxDeleted',
  'makeRenewalInvoice', 'sendRenewalMail', 'lookForRenewalPayment', 'suspendUnpaid', 'closeRenewal', 'cancelUnpaid',
  'startRenewals', 'startSuspensions', 'startLapses', 'startDomainRenewals',
  'readRenewalWindows', 'startCertificateRenewals', 'lookAtExpired', 'startWarnings', 'sendNotice', 'deleteDeadRows', 'followMailState',
  'endSubscription', 'destroyService', 'refundInvoice', 'sendRefundMails', 'checkVatNumber', 'creditTax', 'sendCreditMails', 'settleDrift',
  'lookForWeaknesses', 'closeScan', 'applyRemedy', 'verifyRemedy', 'closeRemediation',
] as const; // biome-ignore format: a list
export type StepActivity = (typeof STEP_ACTIVITIES)[number];
export type StepActivities = Record<StepActivity, (ref: StepRef) => Promise<StepResult>>;

/** How patient a run is; decided by the settings of the worker that begins it. */
export interface Tuning {
  attempts: number;
  retryScale: number;
  /** So long may a run's history be while it stands still. */
  events: number;
}

/** What a run begins with. */
export interface Beginning extends Tuning {
  /** Why its job is being undone, where an earlier run was ended by force while it was. */
  undoing?: string;
}

/** What operators can decide about a step. */
export const DECISIONS = ['retry', 'skip', 'give-up'] as const satisfies readonly Decision['kind'][];

/** A step that stands still, why, and what can be decided about it. */
export interface StandsStill {
  step: string;
  reason: string;
  decisions: readonly Decision['kind'][];
}

export interface ItemPlan {
  id: string;
  job: JobInput;
  jobType: JobType;
  dependsOn: string[];
  description: string;
  /** How its job has ended, in an order that is begun anew. */
  ended?: JobOutcome;
}

export interface OrderPlan {
  /** ISO 8601. */
  paymentDueAt: string;
  items: ItemPlan[];
}

/** A change of a job's state as its workflow tells it. */
export interface JobProjection {
  jobId: string;
  tenantId: string;
  status: 'running' | 'blocked' | 'completed' | 'failed' | 'cancelled' | 'compensating' | 'compensated';
  step: string | null;
  reason: string | null;
  /** All that stands still now. */
  blocks: StandsStill[];
}

/** Activities on the database alone, run inside the workflow task. */
export interface LocalActivities {
  /**
   * Takes what was said to a job for a decision; null where it is none, of which operators are told. What is answered
   * counts whenever the run is gone through again, though what was said could be read only later.
   */
  hearDecision(heard: JobInput & { said: unknown }): Promise<Decision | null>;
  beginJob(job: JobInput): Promise<Beginning>;
  projectJob(change: JobProjection): Promise<void>;
  skipStep(step: { jobId: string; tenantId: string; name: string }): Promise<void>;
  readOrder(job: JobInput): Promise<OrderPlan>;
}

/** Activities that answer something. */
export interface AskActivities {
  askDomain(question: DomainQuestion): Promise<DomainAnswer>;
  askCheckout(question: CheckoutQuestion): Promise<CheckoutAnswer>;
  /** Whether the order's invoice is paid now; surplus money is on its way back when it answers. */
  settlePayments(ref: StepRef): Promise<boolean>;
  /** Calls an unpaid order off, unless Stripe says that it was paid after all. */
  closeUnpaidOrder(ref: StepRef): Promise<'closed' | 'paid'>;
  /** targetId is the order item. */
  refundItem(ref: StepRef): Promise<void>;
  finishOrder(ref: StepRef): Promise<'active' | 'failed'>;
  /** All that the order's customer is still to be told. */
  sendOrderMails(ref: StepRef): Promise<void>;
  /**
   * How a job that runs already has ended; fails as long as it goes on. Null where its run has ended and its row has not:
   * nobody does it any more.
   */
  awaitJob(job: JobInput): Promise<JobOutcome | null>;
  /** When a subscription ends that was cancelled at the end of its period; ISO 8601. */
  subscriptionEnd(ref: StepRef): Promise<string>;
}

/** What one look at one outside system came to. */
export interface DriftReport {
  system: DriftSystem;
  /** False where it did not answer: nothing was concluded then. */
  ok: boolean;
  /** Resources looked at. */
  compared: number;
  /** New findings, and open ones that a look did not see any more. */
  found: number;
  closed: number;
  detail: string;
}

export interface ReconcileActivities {
  /** Compares all that we have in one system with our rows; findings are written down. */
  lookForDrift(system: DriftSystem): Promise<DriftReport>;
}

export interface SweepActivities {
  /** Starts a job for each tenant and kind of thing that is due; one that has its job still under way waits. Answers how many. */
  beginSweeps(): Promise<number>;
}

export type Activities = StepActivities & LocalActivities & AskActivities & ReconcileActivities & SweepActivities;

/** After so long without a word of its worker an activity counts as given up (workers/tuning.ts has how often it speaks). */
export const HEARTBEAT_TIMEOUT_MS = 10_000;

/** Types of application failures that activities throw on purpose; everything else is retried. */
export const FAILURE = { refused: 'Refused', denied: 'Denied', wait: 'Wait' } as const;

/** Detail of a Wait failure. */
export interface WaitDetail {
  ms: number;
  /** It grows no longer than this where it is waited for again and again. */
  most?: number;
}
