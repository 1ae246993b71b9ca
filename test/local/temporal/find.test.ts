import {
  access,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildTemporal } from '../../../src/local/temporal/build';
import { downloadTemporal } from '../../../src/local/temporal/download';
import {
  findTemporal,
  TemporalUnavailableError,
  type BinarySource,
} from '../../../src/local/temporal/find';
import { until } from '../../support/until';

let folder: string;
let bin: string;
let cached: string;
let environment: NodeJS.ProcessEnv;
let said: string[];
const log = (line: string) => void said.push(line);

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'find-temporal-'));
  bin = path.join(folder, 'bin');
  await mkdir(bin);
  cached = path.join(folder, 'cache', 'temporal-remote-jobs', 'bin', 'temporal');
  // A PATH with the shell's own tools, but with nothing that this machine may have besides.
  environment = { PATH: bin, XDG_CACHE_HOME: path.join(folder, 'cache'), HOME: folder };
  said = [];
});
afterEach(() => rm(folder, { recursive: true }));

const script = async (file: string, ...lines: string[]) => {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(file, 0o755);
  return file;
};
const cli = (file: string, server = '1.29.1') =>
  script(file, `echo "temporal version 1.5.1 (Server ${server}, UI 2.42.1)"`);
const find = (sources: BinarySource[] = []) => findTemporal({ environment, log }, sources);
const goSource: BinarySource = { name: '`go install`', fetch: buildTemporal };

/** A `go` that counts its runs in `runs` and leaves a CLI in GOBIN. */
const fakeGo = (...more: string[]) =>
  script(
    path.join(bin, 'go'),
    `echo "$CGO_ENABLED $*" >> ${folder}/runs`,
    'echo "go: downloading go.temporal.io/server v1.29.1" >&2',
    'echo "github.com/temporalio/cli/cmd/temporal" >&2',
    ...more,
    `printf '#!/bin/sh\\necho "temporal version 0.0.0-DEV (Server 1.29.1, UI 2)"\\n' > "$GOBIN/temporal"`,
    '/bin/chmod +x "$GOBIN/temporal"',
  );
const goRuns = async () => (await readFile(path.join(folder, 'runs'), 'utf8')).trim().split('\n');

test('takes TEMPORAL_CLI_PATH first, then the PATH, then the cache', async () => {
  await cli(cached);
  expect(await find()).toEqual({ path: cached, serverVersion: '1.29.1' });
  const onPath = await cli(path.join(bin, 'temporal'));
  expect((await find()).path).toBe(onPath);
  environment.TEMPORAL_CLI_PATH = await cli(path.join(folder, 'own'));
  expect((await find()).path).toBe(environment.TEMPORAL_CLI_PATH);
  expect(said).toEqual([]);
});

test('skips a binary that is missing, broken, too old or something else, with a word', async () => {
  await cli(cached);
  const own = path.join(folder, 'own');
  environment.TEMPORAL_CLI_PATH = own;
  expect((await find()).path).toBe(cached);
  await script(own, 'echo "no such library" >&2', 'exit 127');
  expect((await find()).path).toBe(cached);
  await cli(own, '1.20.4');
  expect((await find()).path).toBe(cached);
  await script(own, 'echo tempo 3');
  expect((await find()).path).toBe(cached);
  expect(said.map((line) => line.replace(`Skipping TEMPORAL_CLI_PATH (${own}): `, ''))).toEqual([
    'there is no such file.',
    '`--version` fails: no such library.',
    'it is too old; it holds server 1.20, and 1.28 is needed.',
    'it isn\'t a Temporal CLI; its --version says "tempo 3".',
  ]);
});

test('falls back to ~/.cache without XDG_CACHE_HOME', async () => {
  delete environment.XDG_CACHE_HOME;
  const file = await cli(path.join(folder, '.cache/temporal-remote-jobs/bin/temporal'));
  expect((await find()).path).toBe(file);
});

test('asks one source after the other and keeps what the first good one made', async () => {
  const sources = [
    { name: 'offline', fetch: () => Promise.reject(new Error('no network')) },
    { name: 'broken', fetch: (target: string) => script(target, 'exit 1').then(() => undefined) },
    { name: 'good', fetch: (target: string) => cli(target).then(() => undefined) },
    { name: 'never', fetch: () => Promise.reject(new Error('not reached')) },
  ];
  expect((await find(sources)).path).toBe(cached);
  expect(said[0]).toBe('No luck with offline: no network.');
  expect(said[1]).toMatch(/^Skipping broken: `--version` fails/);
  expect(said).toHaveLength(2);
  expect((await find()).path).toBe(cached);
});

test('builds with `go install`, says what it does, and leaves nothing else in the cache', async () => {
  await fakeGo();
  expect((await find([goSource])).path).toBe(cached);
  expect(await goRuns()).toEqual([
    '0 install -v -trimpath -ldflags=-s -w github.com/temporalio/cli/cmd/temporal@v1.5.1',
  ]);
  expect(said[0]).toMatch(/^Building Temporal CLI v1\.5\.1 with `go install`/);
  expect(said.at(-1)).toMatch(/^Built Temporal CLI v1\.5\.1 in \d+ s\.$/);
  expect(await readdir(path.dirname(cached))).toEqual(['temporal']);
});

test('two that look at the same time build once', async () => {
  const word = path.join(folder, 'another waits');
  await fakeGo(`while [ ! -e '${word}' ]; do /bin/sleep 0.05; done`);
  const finding = Promise.all([find([goSource]), find([goSource])]);
  await until(async () => said.some((line) => line.startsWith('Another process')));
  await writeFile(word, '');
  const both = await finding;
  expect(both.map((binary) => binary.path)).toEqual([cached, cached]);
  expect(await goRuns()).toHaveLength(1);
  expect(said).toContain('Another process is getting a Temporal server; waiting for it.');
});

test('the lock of a process that died does not stop the next one', async () => {
  await fakeGo();
  await mkdir(path.dirname(cached), { recursive: true });
  await writeFile(`${cached}.lock`, '');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(`${cached}.lock`, longAgo, longAgo);
  expect((await find([goSource])).path).toBe(cached);
});

test('says why a build failed in the words of `go`, and how to mend it', async () => {
  await fakeGo('echo "go: proxy.example: no route to host" >&2; exit 1');
  const failed = find([goSource]);
  await expect(failed).rejects.toThrow(TemporalUnavailableError);
  await expect(failed).rejects.toThrow(/`go install`: it failed: go: proxy\.example: no route/);
  expect(await readdir(path.dirname(cached))).toEqual([]);
});

test('without Go names everything that was looked at and every way to mend it', async () => {
  const message = await find([goSource]).catch((error: Error) => error.message);
  for (const part of [
    'TEMPORAL_CLI_PATH: not set',
    'the PATH: no `temporal` on it',
    `the cache (${cached}): there is no such file`,
    '`go install`: Go is missing',
    'install the Temporal CLI',
    'set TEMPORAL_CLI_PATH',
    `put that binary at ${cached}`,
    'install Go (https://go.dev/dl)',
    '--address HOST:PORT',
  ]) {
    expect(message).toContain(part);
  }
});

test("a download that fails says so in the SDK's words and leaves nothing behind", async () => {
  await mkdir(path.dirname(cached), { recursive: true });
  // A proxy where nothing listens: the network is out of reach wherever this test runs.
  const offline = { ...process.env, HTTPS_PROXY: 'http://127.0.0.1:1', https_proxy: '' };
  offline.https_proxy = offline.HTTPS_PROXY;
  await expect(downloadTemporal(cached, offline, log)).rejects.toThrow(/download|request|error/i);
  await expect(access(cached)).rejects.toThrow();
  expect(await readdir(path.dirname(cached))).toEqual([]);
});
