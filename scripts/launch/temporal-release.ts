import { join } from 'node:path';

/** The Temporal server this version is made for. tools/go.mod pins the CLI that contains it; a test compares. */
export const TEMPORAL = { server: '1.31.2', cli: 'v1.8.2', serverAtLeast: [1, 31] } as const;

/** Of the embedded server. Files do not survive a change of its version, so the name has it. */
export const engineFile = (dataDir: string, version: string = TEMPORAL.server) =>
  join(dataDir, `temporal-${version}.db`);
