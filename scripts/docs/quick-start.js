// Runs every command of docs/quick-start.md, as it stands there, in a home folder of its own, and
// looks for the lines that the page shows: node scripts/docs/quick-start.js [--from-clone]
// It takes this checkout, which must be built; with --from-clone a fresh clone of it, and tells the time.
const { spawn, spawnSync } = require('node:child_process');
const { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { homedir, tmpdir } = require('node:os');
const path = require('node:path');

const repository = path.join(__dirname, '../..');
const isFromClone = process.argv.includes('--from-clone');
const page = readFileSync(path.join(repository, 'docs/quick-start.md'), 'utf8');
const fences = [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)];
const install = 'npm ci && npm run build\n';

/** What a terminal shows, and what was typed before it. */
function script(folder) {
  const lines = ['set -eu', `exec 2>&1`];
  for (const [, info, text] of fences) {
    if (info === 'sh terminal=2') {
      const log = path.join(folder, 'dev.log');
      lines.push(
        `bash -c ${quoted(`set -eu\n${text.trimEnd().replace(/\n(?=[^\n]*$)/, '\nexec ')}`)} >${quoted(log)} 2>&1 &`,
        'stack=$!',
        `trap 'kill $stack; wait $stack || cat ${log}' EXIT`,
        `until grep -q '^Ready' ${quoted(log)}; do kill -0 $stack; sleep 0.2; done`,
      );
    } else if (info === 'sh') {
      lines.push(isFromClone ? text : text.replace(install, ''));
    }
  }
  return lines.join('\n');
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Nothing of the person who runs it, but for the Temporal server that is kept and npm's own settings. */
function environment(home) {
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      name === 'TEMPORAL_CLI_PATH' || !/^(TEMPORAL|SQLFLOW|LINKIS|REMOTE_JOBS)_/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    XDG_CACHE_HOME: cache,
    npm_config_userconfig: path.join(homedir(), '.npmrc'),
    npm_config_cache: process.env.npm_config_cache ?? path.join(homedir(), '.npm'),
  };
}

/** The lines that the page shows after a command; "…" stands for anything. */
function missing(output) {
  return fences
    .filter(([, info]) => info === '')
    .flatMap(([, , text]) => text.trim().split('\n'))
    .filter((line) => {
      const words = line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      return !new RegExp(`^${words.join('.*')}$`, 'm').test(output);
    });
}

function main() {
  if (!page.includes(install)) throw new Error(`The page no longer begins with ${install}`);
  const folder = mkdtempSync(path.join(tmpdir(), 'quick-start-'));
  const home = path.join(folder, 'home');
  mkdirSync(home);
  let checkout = repository;
  if (isFromClone) {
    checkout = path.join(folder, 'clone');
    spawnSync('git', ['clone', '--quiet', repository, checkout], { stdio: 'inherit' });
  }
  const startedAt = Date.now();
  const terminal = spawn('bash', ['-c', script(folder)], {
    cwd: checkout,
    env: environment(home),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = setTimeout(() => terminal.kill(), isFromClone ? 15 * 60_000 : 5 * 60_000);
  let output = '';
  terminal.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    process.stdout.write(text);
  });
  terminal.on('close', (code) => {
    clearTimeout(end);
    const left = [...missing(output)];
    for (const file of ['lineage/lineage.html', 'lineage/result.json', 'diff.html']) {
      if (!existsSync(path.join(home, 'nightly', file))) left.push(`a file ${file}`);
    }
    for (const line of left)
      console.error(`docs/quick-start.md promises, and it didn't come: ${line}`);
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    console.log(`The quick start ended with ${code} after ${seconds} s.`);
    process.exitCode = code === 0 && left.length === 0 ? 0 : 1;
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
}

main();
