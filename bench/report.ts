import { table } from '../scripts/stage/table.ts';
import { type Figure, type Measured, meets } from './figure.ts';

/** The table of figures, then where time goes, then what is wrong. */
export function report(machine: Record<string, string | number>, measured: Measured): string {
  const { figures, costs = {}, wrong = [] } = measured;
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  const tables = Object.entries(costs).map(([title, cost]) => `${title}\n${costTable(cost)}`);
  return [
    facts.join(' · '),
    table([['', 'got', 'aim', '', ''], ...figures.map(figureRow)]),
    ...tables,
    ...wrong.map((what) => `WRONG: ${what}`),
  ].join('\n\n');
}

function figureRow(figure: Figure): string[] {
  const { name, value, unit, aim, detail = '' } = figure;
  const bound = aim && ('most' in aim ? `≤ ${aim.most}` : `≥ ${aim.least}`);
  const met = meets(figure);
  return [name, `${short(value)} ${unit}`.trim(), bound ?? '', met === undefined ? '' : met ? 'met' : 'missed', detail];
}

const SHOWN = 12;

/** The dearest first. */
function costTable(cost: Record<string, number>): string {
  const rows = Object.entries(cost).sort(([, a], [, b]) => b - a);
  const total = rows.reduce((sum, [, value]) => sum + value, 0);
  const share = (value: number) => `${((100 * value) / total).toFixed(0)} %`;
  return table([
    ...rows.slice(0, SHOWN).map(([name, value]) => [name, short(value), share(value)]),
    ['all', short(total), ''],
  ]);
}

const short = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));
