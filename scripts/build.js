// Compiles into dist/ from nothing, so that a deleted source never lives on in a package.
const { execFileSync } = require('node:child_process');
const { chmodSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { bundlePage } = require('./bundle-page');

const root = path.join(__dirname, '..');
// Its exports don't name bin/tsc.
const compiler = path.dirname(require.resolve('@typescript/native/package.json'));
rmSync(path.join(root, 'dist'), { recursive: true, force: true });
execFileSync(
  process.execPath,
  [path.join(compiler, 'bin/tsc'), '-p', path.join(root, 'tsconfig.build.json')],
  { stdio: 'inherit' },
);
chmodSync(path.join(root, 'dist/src/cli/main.js'), 0o755);
// What a shell completes, so that it needn't load every command.
const { currentTree } = require('../dist/src/cli/completion/complete');
writeFileSync(path.join(root, 'dist/src/cli/completion/tree.json'), JSON.stringify(currentTree()));
void bundlePage().then((script) =>
  writeFileSync(path.join(root, 'dist/src/lineage/render/page.js'), script),
);
