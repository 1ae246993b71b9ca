/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // They have commands of their own: npm run test:browser, npm run test:s3, npm run test:docs.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/browser/',
    '<rootDir>/test/s3/',
    '<rootDir>/test/docs/',
    '<rootDir>/test/cli/examples.test.ts',
  ],
  transform: {
    // Of node_modules, what is published as ES modules only.
    '^.+\\.ts$|/node_modules/(hyparquet|@clack|sisteransi|fast-(string|wrap))[^/]*/': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!hyparquet|@clack|sisteransi|fast-(string|wrap))'],
  // One Temporal server for the whole run; every spec uses its own task queue.
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFiles: ['<rootDir>/test/support/async-storages.js'],
  // No machine is so slow: it only ends what hangs, after `until` has said what it waits for.
  testTimeout: 120_000,
  testSequencer: '<rootDir>/test/support/longest-first.js',
  // More than the cores of a small machine: most of what is tested is waiting.
  maxWorkers: 5,
  // What specs leave in memory makes those after them take up to twice as long: a process that holds
  // so much is followed by a new one.
  workerIdleMemoryLimit: '400MB',
  // A process with Temporal's threads and a large heap may need more than half a second to end.
  workerGracefulExitTimeout: 10_000,
};
