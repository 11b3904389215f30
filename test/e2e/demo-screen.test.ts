import { expect, test } from '@jest/globals';
import type { JobView, StepView } from '../../scripts/demo/jobs.ts';
import { Progress } from '../../scripts/demo/progress.ts';
import { createScreen } from '../../scripts/demo/screen.ts';

const ESC = '\u001b';
const PIECE = new RegExp(`${ESC}\\[(?<up>\\d+)F|${ESC}\\[(?<clear>J)|(?<end>\n)|(?<text>[^\n${ESC}]+)`, 'g');

/** What a terminal shows that knows nothing but the two sequences in use: lines up, and clear to the end. */
function terminal(columns = 200) {
  let lines = [''];
  function write(output: string): void {
    for (const { groups: piece } of output.matchAll(PIECE)) {
      if (piece?.up) lines = [...lines.slice(0, lines.length - 1 - Number(piece.up)), ''];
      else if (piece?.end) lines.push('');
      else if (piece?.text) lines.push(`${lines.pop()}${piece.text}`);
    }
  }
  return { write, isTTY: true, columns, shown: () => lines.slice(0, -1) };
}

const at = (ms: number) => new Date(ms).toISOString();

function step(name: string, change: Partial<StepView> = {}): StepView {
  return { name, status: 'running', attempt: 1, error: null, startedAt: at(1000), endedAt: null, ...change };
}

function job(steps: StepView[], change: Partial<JobView> = {}): JobView {
  return { id: '1', type: 'domain_register', status: 'running', reason: null, endedAt: null, steps, ...change };
}

test('in a terminal what is under way changes below what has ended', () => {
  const output = terminal();
  const progress = new Progress(createScreen(output), 0);
  progress.show([job([step('claim'), step('register', { status: 'pending', startedAt: null })])]);
  expect(output.shown()).toEqual([expect.stringMatching(/claim +running +attempt 1/)]);
  const claimed = step('claim', { status: 'done', endedAt: at(1500) });
  for (const attempt of [1, 2]) progress.show([job([claimed, step('register', { attempt })])]);
  expect(output.shown()).toEqual([
    '   +1.5 s  domain_register     claim                     done     attempt 1    0.5 s',
    expect.stringMatching(/register +running +attempt 2/),
  ]);
});

test('a line that would wrap is cut, so that it can be taken back', () => {
  const output = terminal(20);
  const screen = createScreen(output);
  screen.live(['x'.repeat(50)]);
  expect(output.shown()).toEqual(['x'.repeat(19)]);
  screen.live([]);
  expect(output.shown()).toEqual([]);
});

test('elsewhere each step is told once it has ended, what takes long before, and why a job is blocked', () => {
  let written = '';
  const progress = new Progress(createScreen({ write: (text: string) => (written += text) }), 0);
  const long = step('claim', { attempt: 6, error: 'no answer' });
  for (let read = 0; read < 3; read++) progress.show([job([long], { status: 'blocked', reason: 'no answer' })]);
  progress.show([
    job([step('claim', { status: 'done', endedAt: at(3000) })], { status: 'completed', endedAt: at(3000) }),
  ]);
  expect(written.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/claim +running +attempt 6 +[\d.]+ s +no answer$/),
    expect.stringMatching(/domain_register +blocked: no answer$/),
    '   +3.0 s  domain_register     claim                     done     attempt 1    2.0 s',
    '   +3.0 s  domain_register     completed',
  ]);
});
