/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/consistent-type-imports --
   Loaded at once, all of it takes longer than a shell should wait for a Tab; import() would have to
   name compiled files. */
export const late = {
  program: () => require('./program') as typeof import('./program'),
  complete: () => require('./completion/complete') as typeof import('./completion/complete'),
  findOut: () => require('./completion/found-out') as typeof import('./completion/found-out'),
  tree: () => require('./completion/tree') as typeof import('./completion/tree'),
  commands: () => require('./commands/all') as typeof import('./commands/all'),
  globalOptions: () => require('./global-options') as typeof import('./global-options'),
};
