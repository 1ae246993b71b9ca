// An AsyncLocalStorage that a spec has used stays switched on for good, and is told of every promise
// that later specs of the same process make: by the end of a run simulated hours cost ten times as
// much. Nobody needs those of earlier specs, so they are switched off when the next one begins.
const { AsyncLocalStorage } = require('node:async_hooks');

// The class is that of the process; each spec has globals of its own.
const used = Symbol.for('temporal-remote-jobs: storages of the specs so far');
const { prototype } = AsyncLocalStorage;

if (prototype[used] === undefined) {
  prototype[used] = new Set();
  for (const name of ['run', 'enterWith']) {
    const original = prototype[name];
    prototype[name] = function (...args) {
      prototype[used].add(this);
      return original.apply(this, args);
    };
  }
}
for (const storage of prototype[used]) storage.disable();
prototype[used].clear();
