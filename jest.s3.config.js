/** What must hold on an S3 bucket: `npm run test:s3`. @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config'),
  // The specs of any store, run here on a bucket, and those of S3 alone.
  testMatch: [
    '<rootDir>/test/s3/**/*.test.ts',
    '<rootDir>/test/artifacts/{store,log-chunks,pages}.test.ts',
    '<rootDir>/test/activities/{plan-inputs,revisions,settle-revision}.test.ts',
  ],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/s3/global-setup.ts',
  globalTeardown: '<rootDir>/test/s3/global-teardown.ts',
  maxWorkers: 2,
};
