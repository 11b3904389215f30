import { openEngine } from '../../scripts/stage/engine.ts';
import type { Stage } from '../../scripts/stage/stage.ts';
import { bareRate } from '../bare/run.ts';
import { historiesSince } from '../engine.ts';
import { charging, type Expense } from '../expense.ts';
import type { Measured } from '../figure.ts';
import type { Options } from '../options.ts';
import { runOrders } from '../run-orders.ts';
import { median } from '../stats.ts';

/**
 * Orders of one CloudPod finished per second: placed, paid and awaited over HTTP, each followed at once by the next. In
 * turn with them, on the same server, a bare workflow with as many activities as such an order schedules.
 */
export async function measureOrders(stage: Stage, { orders, runs, inFlight }: Options): Promise<Measured> {
  const warmUp = Math.min(orders, inFlight);
  const wrong = [...(await runOrders(stage, warmUp, inFlight)).wrong];
  const client = await openEngine(stage.platform);
  try {
    const began = new Date();
    wrong.push(...(await runOrders(stage, 1, 1)).wrong);
    const single = await historiesSince(client, began);
    const rates: number[] = [];
    const bareRates: number[] = [];
    let late = 0;
    const bareCpu: Record<string, number> = {};
    const expense: Expense = { cpu: {}, activities: {}, transactions: 0 };
    for (let run = 1; run <= runs; run++) {
      const result = await charging(stage, expense, () => runOrders(stage, orders, inFlight));
      rates.push(result.perSecond);
      wrong.push(...result.wrong);
      late += result.late;
      const size = { count: orders, warmUp, inFlight, activities: single.activities };
      bareRates.push(await bareRate(client, stage.platform, size, bareCpu));
      console.log(
        `  run ${run}: ${result.perSecond.toFixed(2)} orders/s, ${bareRates.at(-1)?.toFixed(2)} bare workflows/s`,
      );
    }
    const ratios = rates.map((rate, index) => rate / bareRates[index]!);
    const all = orders * runs;
    const milliseconds = (seconds: Record<string, number>) =>
      Object.fromEntries(Object.entries(seconds).map(([name, value]) => [name, (value * 1000) / all]));
    return {
      figures: [
        { name: `orders finished, ${inFlight} in flight`, value: median(rates), unit: '/s', detail: each(rates) },
        {
          name: 'bare workflows beside them',
          value: median(bareRates),
          unit: '/s',
          detail: `${single.activities} activities each; ${each(bareRates)}`,
        },
        { name: 'orders : bare workflows', value: median(ratios), unit: '', aim: { least: 0.5 }, detail: each(ratios) },
        { name: 'payment sessions answered late', value: late, unit: '', detail: `of ${all}; asked for again` },
        { name: 'workflows of an order', value: single.workflows, unit: '', detail: `${single.events} events` },
        { name: 'database transactions of an order', value: expense.transactions / all, unit: '' },
      ],
      costs: {
        'CPU of an order by process, ms': milliseconds(expense.cpu),
        'CPU of a bare workflow by process, ms': milliseconds(bareCpu),
        'Time in activities of an order, ms': milliseconds(expense.activities),
      },
      wrong,
    };
  } finally {
    await client.connection.close();
  }
}

const each = (values: number[]) => values.map((value) => value.toFixed(2)).join(', ');
