/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/consistent-type-imports --
   Loaded at once, all of it takes longer than a shell should wait for a Tab, and the worker's part
   half a second that most commands have no use for; import() would have to name compiled files. */
export const late = {
  program: () => require('./program') as typeof import('./program'),
  complete: () => require('./completion/complete') as typeof import('./completion/complete'),
  findOut: () => require('./completion/found-out') as typeof import('./completion/found-out'),
  tree: () => require('./completion/tree') as typeof import('./completion/tree'),
  commands: () => require('./commands/all') as typeof import('./commands/all'),
  embeddedWorker: () => require('./embedded-worker') as typeof import('./embedded-worker'),
  localStack: () => require('../local/stack') as typeof import('../local/stack'),
  localSqlFlow: () =>
    require('../local/sqlflow/local-sqlflow') as typeof import('../local/sqlflow/local-sqlflow'),
  localLinkis: () =>
    require('../local/linkis/local-linkis') as typeof import('../local/linkis/local-linkis'),
  localTemporal: () =>
    require('../local/temporal/local-temporal') as typeof import('../local/temporal/local-temporal'),
  globalOptions: () => require('./global-options') as typeof import('./global-options'),
};
