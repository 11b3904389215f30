import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { type JobInput, type JobOutcome, SIGNALS } from '../catalog.ts';
import type { OrderPlan } from '../contract.ts';
import type { WorkflowHost } from '../host.ts';
import { type Carried, inRuns } from '../runs.ts';
import { deliver } from './deliver.ts';

const payment = defineSignal(SIGNALS.payment);
const cancel = defineSignal(SIGNALS.cancel);

/** What it was told and has not acted upon. */
interface Heard {
  unsettled: number;
  cancelled: boolean;
}

/**
 * One order from its placing to its end. Waits for the money, delivers every item or refunds it, tells the customer.
 * Signals only say "look": what was paid is read from Stripe and the database. Calling an order off is a signal. Begun
 * anew it finds out from the rows what is left to do.
 */
export async function order_fulfil(job: JobInput, carried?: Carried<Heard>): Promise<JobOutcome> {
  let { unsettled = 0, cancelled = false } = carried?.state ?? {};
  const heard = (): Heard => ({ unsettled, cancelled });
  // Not told apart by what is said with it: that may be unreadable to one worker and not to the next (ADR 0004).
  setHandler(payment, () => {
    unsettled++;
  });
  setHandler(cancel, () => {
    cancelled = true;
  });
  return inRuns(job, carried, heard, async (host) => {
    const plan = await host.readOrder();

    async function settle(): Promise<boolean> {
      const looking = unsettled;
      const paid = await host.insist('settlePayments', 'settle payments');
      unsettled -= looking;
      return paid;
    }

    async function paid(): Promise<boolean> {
      for (;;) {
        const due = Date.parse(plan.paymentDueAt) - Date.now();
        const woken = due > 0 && (await condition(() => unsettled > 0 || cancelled, due));
        if (unsettled > 0 && (await settle())) return true;
        if (!woken || cancelled) return (await host.insist('closeUnpaidOrder', 'close unpaid order')) === 'paid';
      }
    }

    /** Money that comes in at the very end is still looked at here: nobody else hears of it. */
    async function end(outcome: JobOutcome): Promise<JobOutcome> {
      do {
        while (unsettled > 0) await settle();
        await host.insist('sendOrderMails', 'send mails');
        await host.end(outcome);
      } while (unsettled > 0);
      return outcome;
    }

    if (!(await paid())) return end({ outcome: 'cancelled', reason: cancelled ? 'called off' : 'not paid in time' });
    let ended = false;
    // A second payment may come in at any time: it goes back while the work goes on.
    const settling = (async () => {
      while (!ended) {
        await condition(() => unsettled > 0 || ended);
        if (unsettled > 0) await settle();
      }
    })();
    const outcome = await fulfil(host, plan);
    ended = true;
    await settling;
    return end(outcome);
  });
}

async function fulfil(host: WorkflowHost, plan: OrderPlan): Promise<JobOutcome> {
  const reasons = await deliver(host, plan.items);
  const state = await host.insist('finishOrder', 'finish order');
  return state === 'active' ? { outcome: 'completed' } : { outcome: 'compensated', reason: reasons.join('; ') };
}
