// Programs that the images hold, and linters: built by `go install` once, kept in the user's cache.
const { execFile, spawnSync } = require('node:child_process');
const { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync } = require('node:fs');
const { renameSync, rmSync, symlinkSync } = require('node:fs');
const { homedir } = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const exe = process.platform === 'win32' ? '.exe' : '';
const cacheHome = process.env.XDG_CACHE_HOME;
const home = cacheHome && path.isAbsolute(cacheHome) ? cacheHome : path.join(homedir(), '.cache');
const cache = path.join(home, 'temporal-remote-jobs', 'bin');

function goEnvironment(more = {}) {
  return { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '', ...more };
}

/** Builds the package `where` at a version unless it was built before; answers the binary's path. */
async function goTool(name, where, version) {
  const target = path.join(cache, `${name}-${version}${exe}`);
  if (existsSync(target)) return target;
  console.log(`Building ${name} ${version} with \`go install\`: once, up to some minutes …`);
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'build-'));
  try {
    const args = ['install', '-trimpath', '-ldflags=-s -w', `${where}@${version}`];
    const env = goEnvironment({ GOBIN: folder });
    await promisify(execFile)('go', args, { env, maxBuffer: 64 * 2 ** 20 });
    renameSync(path.join(folder, readdirSync(folder)[0]), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return target;
}

/** Where the sources of a module lie. */
function goModule(module, version) {
  const args = ['mod', 'download', '-json', `${module}@${version}`];
  const { stdout, stderr } = spawnSync('go', args, { encoding: 'utf8', env: goEnvironment() });
  const { Dir, Error: problem } = JSON.parse(stdout || '{}');
  if (!Dir) throw new Error(`${module}@${version} can't be had: ${problem ?? stderr}`);
  return Dir;
}

/** The folder of PostgreSQL's programs: that of `initdb` on the PATH, else Debian's newest. */
function postgresFolder() {
  for (const folder of process.env.PATH.split(path.delimiter)) {
    const file = path.join(folder, `initdb${exe}`);
    if (existsSync(file)) return path.dirname(realpathSync(file));
  }
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => b - a) : [];
  if (versions.length === 0) {
    throw new Error(
      'PostgreSQL is missing: `apt-get install postgresql`, or put initdb on the PATH',
    );
  }
  return path.join(debian, versions[0], 'bin');
}

/** A folder that holds programs under the names by which the images call them. */
function programs(folder, named) {
  mkdirSync(folder, { recursive: true });
  for (const [name, file] of Object.entries(named)) {
    symlinkSync(file, path.join(folder, name + exe));
  }
  return folder;
}

module.exports = { cache, goModule, goTool, postgresFolder, programs };
