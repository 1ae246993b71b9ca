/** What a browser shows: `npm run test:browser`. @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config'),
  roots: ['<rootDir>/test/browser'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Neither Temporal nor a service is needed.
  globalSetup: undefined,
  globalTeardown: undefined,
  maxWorkers: 2,
};
