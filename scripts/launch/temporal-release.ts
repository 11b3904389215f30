/** The Temporal server this version is made for. tools/go.mod pins the CLI that contains it; a test compares. */
export const TEMPORAL = { server: '1.31.2', cli: 'v1.8.2', serverAtLeast: [1, 31] } as const;
