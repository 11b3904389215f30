import { findPebble } from '../../sandbox/acme/pebble-binary.ts';

/**
 * Whether tests on the genuine Pebble can run here. Where it is neither built nor can be, it says so in one line; with CI
 * set it throws instead, so that the lane cannot be lost unseen.
 */
export async function pebbleIsHere(): Promise<boolean> {
  if (await findPebble(say)) return true;
  const why = 'there is no Pebble and no Go to build it: set PEBBLE_PATH or install Go';
  if (process.env.CI) throw new Error(why);
  say(`the tests on the genuine Pebble did not run, ${why}`);
  return false;
}

const say = (line: string) => process.stderr.write(`${line}\n`);
