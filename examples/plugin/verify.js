// Packs this repository, installs the package into a copy of the example project, as a user would,
// and runs the example's test there: node examples/plugin/verify.js
const { spawnSync } = require('node:child_process');
const { cpSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const repository = path.join(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'plugin-example-'));

function npm(cwd, ...args) {
  const { status, stdout } = spawnSync('npm', args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`npm ${args[0]} failed (exit code ${status}):\n${stdout}`);
  return stdout.trim();
}

function verify() {
  const project = path.join(folder, 'project');
  const leftOut = ['node_modules', 'lib', 'verify.js'].map((name) => path.join(__dirname, name));
  cpSync(__dirname, project, { recursive: true, filter: (file) => !leftOut.includes(file) });

  console.log('Packing the package …');
  const [packed] = JSON.parse(npm(repository, 'pack', '--json', '--pack-destination', folder));
  console.log(`Installing ${packed.filename} (${packed.files.length} files) …`);
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  npm(project, 'install', path.join(folder, packed.filename), ...quiet);
  console.log('Building and running the example …');
  console.log(npm(project, 'test', '--silent'));
}

try {
  verify();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
