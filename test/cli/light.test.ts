import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.join(__dirname, '../..');
const nowhere = ['--address', '127.0.0.1:1'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'light-'));
  await build({
    entryPoints: [path.join(root, 'src/cli/main.ts')],
    outfile: path.join(folder, 'main.js'),
    bundle: true,
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  // What takes long to load, or is another program's core.
  const heavy =
    '/node_modules/(@temporalio/(worker|core-bridge)|@duckdb|@polyglot-sql|esbuild|@aws-sdk|@opentelemetry/sdk[^/]*)/';
  await writeFile(
    path.join(folder, 'loaded.js'),
    `process.on('exit', () => {
      const heavy = Object.keys(require.cache).map((file) => new RegExp(${JSON.stringify(heavy)}).exec(file)?.[1]);
      process.stderr.write('loaded: ' + [...new Set(heavy)].filter(Boolean).join(' '));
    });`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function loadedBy(...args: string[]): string | undefined {
  const { stderr } = spawnSync(process.execPath, ['-r', path.join(folder, 'loaded.js'), ...args], {
    cwd: folder,
    env: { HOME: folder, PATH: process.env.PATH, NODE_PATH: path.join(root, 'node_modules') },
    encoding: 'utf8',
  });
  return /loaded: (.*)$/.exec(stderr)?.[1];
}

test.each([
  ['--help'],
  ['list', ...nowhere],
  ['show', 'x', ...nowhere],
  ['cancel', 'x', ...nowhere],
  ['chain', 'list', ...nowhere],
  ['linkis', 'run', '--code', 'select 1', '--engine', 'e', '--run-type', 'sql', ...nowhere],
  ['config', 'check'],
  ['completion', 'bash'],
])('%s %s does not load the worker, its core or any engine', (...args) => {
  expect(loadedBy(path.join(folder, 'main.js'), ...args)).toBe('');
});

test('what is loaded is seen', () => {
  const loaded = loadedBy('-e', "require('@temporalio/worker')");
  expect(loaded).toContain('@temporalio/worker');
  expect(loaded).toContain('@temporalio/core-bridge');
});

test('a reader that went away costs neither a stack trace nor the exit code', () => {
  const main = path.join(folder, 'main.js');
  const line = `"$0" "${main}" no-such-command 2>&1 >/dev/null | true; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', line, process.execPath], {
    env: { HOME: folder, PATH: process.env.PATH, NODE_PATH: path.join(root, 'node_modules') },
    encoding: 'utf8',
  });
  expect({ stdout, stderr }).toEqual({ stdout: '2\n', stderr: '' });
});
