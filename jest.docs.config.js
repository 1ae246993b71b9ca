/** What the documentation and the commands' help say, tried as it is written: `npm run test:docs`. @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config'),
  testMatch: ['<rootDir>/test/docs/**/*.test.ts', '<rootDir>/test/cli/examples.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 2,
};
