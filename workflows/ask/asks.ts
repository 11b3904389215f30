import { proxyActivities } from '@temporalio/workflow';
import type { CheckoutAnswer, CheckoutQuestion, DomainAnswer, DomainQuestion } from '../catalog.ts';
import { type AskActivities, FAILURE } from '../contract.ts';

// Somebody waits in front of a screen: two quick attempts, then the truth.
const activities = proxyActivities<AskActivities>({
  startToCloseTimeout: '4s',
  scheduleToCloseTimeout: '9s',
  retry: { maximumAttempts: 2, initialInterval: '200ms', nonRetryableErrorTypes: Object.values(FAILURE) },
});

export async function ask_domain(question: DomainQuestion): Promise<DomainAnswer> {
  return activities.askDomain(question);
}

export async function ask_checkout(question: CheckoutQuestion): Promise<CheckoutAnswer> {
  return activities.askCheckout(question);
}
