import { clearTestDirs } from '../../scripts/test/dirs.ts';

/** Stops the shared servers; a folder that this process made goes too (that of `npm test` goes with it). */
export default async function teardown() {
  await globalThis.mpanelTestServers?.stop();
  await clearTestDirs();
}
