// Compiles into dist/ from nothing, so that a deleted source never lives on in a package.
const { execFileSync } = require('node:child_process');
const { chmodSync, rmSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
rmSync(path.join(root, 'dist'), { recursive: true, force: true });
execFileSync(
  process.execPath,
  [require.resolve('@typescript/native/bin/tsc'), '-p', path.join(root, 'tsconfig.build.json')],
  { stdio: 'inherit' },
);
chmodSync(path.join(root, 'dist/src/cli/main.js'), 0o755);
