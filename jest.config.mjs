export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/transform.mjs' },
  modulePathIgnorePatterns: ['<rootDir>/.cache', '<rootDir>/.data'],
  testTimeout: 30_000,
};
