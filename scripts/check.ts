// npm run check: types and style.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './launch/context.ts';

const tool = (name: string, ...args: string[]) => {
  const { status } = spawnSync(join(ROOT, 'node_modules/.bin', name), args, { cwd: ROOT, stdio: 'inherit' });
  return status === 0;
};

const typed = tool('tsc', '-p', '.');
const styled = tool('biome', 'check', '--error-on-warnings');
process.exit(typed && styled ? 0 : 1);
