// Adds the vendor to a copy of the repository's sources, checks all types, and runs the vendor's tests.
const { spawnSync } = require('node:child_process');
const { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { apply } = require('./apply');

const repository = path.join(__dirname, '../..');
const copied = ['src', 'activities', 'workflows', 'test/support'];
const copiedFiles = ['package.json', 'tsconfig.json', 'jest.config.js'];

function run(folder, script, ...args) {
  const options = { cwd: folder, stdio: 'inherit', timeout: 300_000 };
  const { status } = spawnSync(process.execPath, [script, ...args], options);
  if (status !== 0) throw new Error(`${path.basename(script)} failed (exit code ${status})`);
}

function test(folder) {
  for (const name of [...copied, ...copiedFiles]) {
    cpSync(path.join(repository, name), path.join(folder, name), { recursive: true });
  }
  symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
  apply(folder);
  // The benches and the crash tests have tables of vendors too; the guide names them.
  const include = ['src', 'activities', 'workflows', 'test/acme'];
  const project = path.join(folder, 'tsconfig.acme.json');
  writeFileSync(project, JSON.stringify({ extends: './tsconfig.json', include }));
  const compiler = path.dirname(require.resolve('@typescript/native/package.json'));
  run(folder, path.join(compiler, 'bin/tsc'), '-p', project, '--noEmit');
  run(folder, path.join(repository, 'node_modules/jest/bin/jest.js'), 'test/acme');
}

const folder = mkdtempSync(path.join(tmpdir(), 'third-vendor-'));
try {
  test(folder);
  console.log('The third vendor works.');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
