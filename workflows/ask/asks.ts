import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import {
  askQueue,
  type CheckoutAnswer,
  type CheckoutQuestion,
  type DomainAnswer,
  type DomainQuestion,
} from '../catalog.ts';
import { type AskActivities, FAILURE } from '../contract.ts';

// Somebody waits in front of a screen: two quick attempts, then the truth. On a queue of its own, so that a question does
// not stand in line behind fifty clones.
const activities = () =>
  proxyActivities<AskActivities>({
    taskQueue: askQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '4s',
    scheduleToCloseTimeout: '9s',
    retry: { maximumAttempts: 2, initialInterval: '200ms', nonRetryableErrorTypes: Object.values(FAILURE) },
  });

export async function ask_domain(question: DomainQuestion): Promise<DomainAnswer> {
  return activities().askDomain(question);
}

export async function ask_checkout(question: CheckoutQuestion): Promise<CheckoutAnswer> {
  return activities().askCheckout(question);
}
