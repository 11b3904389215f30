import { expect, test } from '@jest/globals';
import { launch, newDataDir } from './launcher.ts';

test('two instances that start at the same moment share no port', async () => {
  const launchers = await Promise.all([newDataDir(), newDataDir()].map((DATA_DIR) => launch({ DATA_DIR })));
  try {
    const [one, other] = await Promise.all(
      launchers.map(async (launcher) => JSON.stringify((await launcher.ready()).parts)),
    );
    const ports = (text = '') => new Set([...text.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port));
    expect(ports(one).size).toBeGreaterThan(8);
    expect([...ports(one)].filter((port) => ports(other).has(port))).toEqual([]);
  } finally {
    for (const code of await Promise.all(launchers.map((launcher) => launcher.stop()))) expect(code).toBe(0);
  }
}, 90_000);
