import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { Terminal } from './terminal';

/** What the SQL files of the examples say, as long as nothing has changed them. */
export const orders = 'insert into dw.sales select id, amount from ods.orders;';

/** A folder as the help's examples take it for granted, and a dev stack that runs there. */
export interface ExampleWorld {
  readonly cwd: string;
  terminal(options?: {
    tty?: boolean;
    env?: NodeJS.ProcessEnv;
    cwd?: string;
    flags?: readonly string[];
  }): Terminal;
  /** Runs what an example needs beforehand. */
  needs(...words: string[]): Promise<Terminal>;
  write(name: string, content: string): Promise<void>;
  /** An id that the help shortens, a host, a port: what stands for it here. */
  real(word: string): Promise<string>;
  means(shown: string, real: string): void;
  /** Starts the command line in a process of its own, until it is ready. */
  start(words: readonly string[], env?: NodeJS.ProcessEnv): Promise<ChildProcess>;
  close(): Promise<void>;
}

const register = path.join(__dirname, '../support/register.js');
const main = path.join(__dirname, '../../src/cli/main.ts');

export async function exampleWorld(): Promise<ExampleWorld> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'examples-'));
  const children: ChildProcess[] = [];
  const meanings = new Map<string, string>();
  const baseEnv = {
    PATH: process.env.PATH,
    HOME: cwd,
    USER: 'alice',
    TEMPORAL_CLI_PATH: process.env.TEMPORAL_CLI_PATH ?? cachedTemporal(),
    WAREHOUSE: 'the-password',
  };
  const world: ExampleWorld = {
    cwd,
    terminal: ({ env = {}, ...options } = {}) =>
      new Terminal({ cwd, env: { ...baseEnv, ...env }, ...options }),
    async needs(...words) {
      const terminal = world.terminal();
      const code = await terminal.run(...words);
      if (code !== 0) throw new Error(`${words.join(' ')}: ${code} ${terminal.stderr}`);
      return terminal;
    },
    async write(name, content) {
      await mkdir(path.dirname(path.join(cwd, name)), { recursive: true });
      await writeFile(path.join(cwd, name), content);
    },
    async real(word) {
      // The usual ports may be taken on this machine.
      if (/^(127\.0\.0\.1:)?(7233|8090|8165|9001|9464)$/.test(word)) {
        return word.replace(/\d+$/, await freePort());
      }
      return [...meanings].reduce((text, [shown, real]) => text.replace(shown, real), word);
    },
    means: (shown, real) => void meanings.set(shown, real),
    async start(words, env = {}) {
      const child = spawn(process.execPath, ['-r', register, main, ...words, '--output', 'json'], {
        cwd,
        env: { ...baseEnv, ...env },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
      return child;
    },
    async close() {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          child.kill('SIGTERM');
          await once(child, 'exit');
        }),
      );
      await rm(cwd, { recursive: true, force: true });
    },
  };
  await fill(world);
  // As the help of `dev` has it, on ports that nobody has.
  const ports = ['temporal', 'ui', 'sqlflow', 'linkis'].flatMap((of) => [`--${of}-port`, '0']);
  await world.start(['dev', '--state', 'dev-state', '--data', 'csv', ...ports]);
  return world;
}

async function freePort(): Promise<string> {
  const claim = createServer().listen(0, '127.0.0.1');
  await once(claim, 'listening');
  const { port } = claim.address() as AddressInfo;
  claim.close();
  await once(claim, 'close');
  return String(port);
}

/** HOME is another one here, where no binary is cached. */
function cachedTemporal(): string {
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  return path.join(cache, 'temporal-remote-jobs', 'bin', 'temporal');
}

async function fill(world: ExampleWorld): Promise<void> {
  const files: Record<string, string> = {
    'remote-jobs.yaml': configuration,
    'staging.yaml': configuration,
    'prod.yaml': configuration,
    'etl/orders.sql': orders,
    'sql/orders.sql': orders,
    'new.sql': orders,
    'daily.hql': "select '${day}' as day",
    'export.sql': 'select 1 as one',
    'nightly.sql': 'select 1 as one',
    'csv/orders.csv': 'id,amount\n1,2\n',
    'busy.yaml':
      'faults:\n  - endpoint: submitUserJob\n    calls: [1]\n    do: status\n    status: 503\n',
    'etl.yaml': pipeline,
    'docs/readme.md': '',
  };
  for (const [name, content] of Object.entries(files)) await world.write(name, content);
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(orders), 'a.sql');
  zip.end();
  await writeFile(path.join(world.cwd, 'warehouse.zip'), await buffer(zip.outputStream));
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
      cwd: world.cwd,
    });
  git('init', '--quiet');
  git('add', 'etl');
  git('commit', '--quiet', '-m', 'one');
  git('commit', '--quiet', '--allow-empty', '-m', 'two');
}

const configuration = `
artifacts: { folder: kept }
inputs: { roots: [.] }
secrets:
  WAREHOUSE: { env: WAREHOUSE }
openlineage:
  marquez: { folder: events }
  archive: { folder: archive }
schedules:
  declared: { every: 1d, run: linkis run --code 'select 1' --engine spark-2.4.3 --run-type sql }
`;

const pipeline = `
name: nightly
params:
  day: { type: date, default: '2026-05-01' }
steps:
  load:
    linkis: { code: "select '{{params.day}}' as day", engine: spark-2.4.3, runType: sql }
  lineage:
    needs: [load]
    sqlflow: { files: [etl/orders.sql], dbvendor: hive, exports: [csv] }
`;
