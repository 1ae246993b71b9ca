// Packs this repository, installs the package beside copies of the example projects, as a user
// would, and runs each example's test there; the third vendor is added to a copy of the sources:
// node examples/verify.js [plugin|encryption|nightly-lineage|testing|third-vendor]
const { spawnSync } = require('node:child_process');
const { cpSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const repository = path.join(__dirname, '..');
const chosen = process.argv.slice(2);
const all = ['plugin', 'encryption', 'nightly-lineage', 'testing', 'third-vendor'];
const wanted = chosen.length > 0 ? chosen : all;
/** They are built on the package; the third vendor is no user of it. */
const examples = wanted.filter((example) => example !== 'third-vendor');
const folder = mkdtempSync(path.join(tmpdir(), 'examples-'));

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
  for (const example of examples) {
    const project = path.join(__dirname, example);
    const leftOut = ['node_modules', 'lib', 'artifacts'].map((name) => path.join(project, name));
    const filter = (file) => !leftOut.includes(file);
    cpSync(project, path.join(folder, example), { recursive: true, filter });
  }
  console.log('Packing the package …');
  const [packed] = JSON.parse(npm(repository, 'pack', '--json', '--pack-destination', folder));
  console.log(`Installing ${packed.filename} (${packed.files.length} files) …`);
  // One installation for all of them: it takes the longest.
  const dependencies = { [packed.name]: `file:${packed.filename}` };
  const together = { private: true, workspaces: examples, dependencies };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(together));
  npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error');
  for (const example of examples) {
    console.log(`Building and running the example "${example}" …`);
    console.log(npm(path.join(folder, example), 'test', '--silent'));
  }
}

function verifyVendor() {
  console.log('Adding the third vendor to a copy of the sources …');
  const script = path.join(__dirname, 'third-vendor/test.js');
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`the third vendor failed (exit code ${status})`);
}

try {
  if (examples.length > 0) verify();
  if (wanted.includes('third-vendor')) verifyVendor();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
