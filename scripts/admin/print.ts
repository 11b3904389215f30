import type { Answer, Row } from './command.ts';

/** An answer for a person: sentences, and tables as wide as they must be. */
export function forPeople(answer: Answer): string {
  if (typeof answer === 'string') return answer;
  const sections = Object.entries(answer);
  if (sections.length === 1) return table(sections[0]?.[1] ?? []);
  return sections.map(([title, rows]) => `${title}\n${indent(table(rows))}`).join('\n\n');
}

/** For programs: a list, or lists by title, or `{ message }`. */
export function forPrograms(answer: Answer): string {
  if (typeof answer === 'string') return JSON.stringify({ message: answer });
  const sections = Object.values(answer);
  return JSON.stringify(sections.length === 1 ? sections[0] : answer, null, 2);
}

function table(rows: readonly Row[]): string {
  const [first] = rows;
  if (!first) return 'none';
  const names = Object.keys(first);
  const cells = [names.map((name) => name.toUpperCase()), ...rows.map((row) => names.map((name) => cell(row[name])))];
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cell(value: Row[string]): string {
  if (value === null || value === undefined || value === '') return '-';
  return value instanceof Date ? value.toISOString().replace(/\.\d+Z/, 'Z') : String(value);
}

const indent = (text: string) => text.replace(/^/gm, '  ');
