import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { complete, currentTree } from '../../../src/cli/completion/complete';
import { scripts } from '../../../src/cli/completion/scripts';
import { cliStack, type CliStack } from '../cli-stack';

const run = promisify(execFile);
const root = path.join(__dirname, '../../..');

let folder: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'completion-'));
  const program = path.join(folder, 'bin/remote-jobs');
  await mkdir(path.dirname(program));
  // As it is built: one file here, with the tree beside it. What it needs lies beside the sources.
  const main = path.join(folder, 'lib/main.js');
  await build({
    entryPoints: [path.join(root, 'src/cli/main.ts')],
    outfile: main,
    bundle: true,
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  await writeFile(path.join(folder, 'lib/tree.json'), JSON.stringify(currentTree()));
  const source = `NODE_PATH=${root}/node_modules exec ${process.execPath} ${main} "$@"`;
  await writeFile(program, `#!/bin/sh\n${source}\n`);
  await chmod(program, 0o755);
  await mkdir(path.join(folder, 'etl'));
  await writeFile(path.join(folder, 'etl/one two.sql'), '');
  await writeFile(
    path.join(folder, 'remote-jobs.yaml'),
    'connections:\n  flow: { type: sqlflow, url: "http://h/gspLive_backend", userId: u, token: { env: T } }\n',
  );
  const PATH = `${path.dirname(program)}:${process.env.PATH}`;
  env = { PATH, HOME: folder, TERM: 'dumb', REMOTE_JOBS_COMPLETION_MS: '60000' };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function installed(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'true']);
    return true;
  } catch {
    return false;
  }
}

/** What a Tab at the line's end offers. */
type Offer = (line: string) => Promise<readonly string[]>;

const offers: Record<keyof typeof scripts, Offer> = {
  // Split at the characters that bash splits at.
  async bash(line) {
    const words = line.split(/(?<=[\s:=])|(?=[\s:=])/).filter((word) => word.trim() !== '');
    if (/\s$/.test(line)) words.push('');
    const list = words.map((word) => `'${word}'`).join(' ');
    const script = `${scripts.bash}
COMP_LINE='${line}' COMP_POINT=${line.length} COMP_WORDS=(${list}) COMP_CWORD=${words.length - 1}
_remote_jobs
printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines((await run('bash', ['--norc', '-c', script], { cwd: folder, env })).stdout);
  },
  // A terminal of zsh's own is typed into.
  async zsh(line) {
    await writeFile(path.join(folder, '_remote-jobs'), scripts.zsh);
    const script = `zmodload zsh/zpty
zpty z 'TERM=vt100 COLUMNS=200 zsh -f -i'
zpty -w z 'PS1=; fpath=(${folder} $fpath); autoload -Uz compinit; compinit -u -d ${folder}/dump'
zpty -w z 'show() { print -r -- " <$BUFFER> END-$((1+1))" }; zle -N show; bindkey "^X" show; print READY-$((1+1))'
zpty -r z out '*READY-2*'
zpty -n -w z $'${line}\\t\\C-x'
zpty -r z out '*END-2*'
print -r -- "$out"`;
    const { stdout } = await run('zsh', ['-f', '-c', script], { cwd: folder, env });

    return stdout.replace(/\x1b\[[\d?]*[A-Za-z]|\0/g, ' ').split(/[\s<>]+/);
  },
  async fish(line) {
    const script = `${scripts.fish}
complete -C '${line}'`;
    const { stdout } = await run('fish', ['--no-config', '-c', script], { cwd: folder, env });
    return lines(stdout).map((offered) => offered.split('\t')[0] ?? '');
  },
};

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

for (const shell of ['bash', 'fish', 'zsh'] as const) {
  test(`${shell} completes what is typed`, async () => {
    // CI has all three; who has no such shell needs no script for it.
    if (process.env.CI === undefined && !installed(shell)) return;
    const offer = offers[shell];
    const [commands, choices, options, connections, files] = await Promise.all([
      offer('remote-jobs li'),
      offer('remote-jobs --output js'),
      offer('remote-jobs sqlflow run --after-ex'),
      offer('remote-jobs sqlflow run --connection fl'),
      offer('remote-jobs sqlflow run et'),
    ]);
    expect(commands).toEqual(expect.arrayContaining(['linkis', 'list', 'lineage']));
    expect(choices).toContain('json');
    expect(options.join(' ')).toContain('--after-export');
    expect(connections).toContain('flow');
    expect(files.join(' ')).toMatch(/etl/);
  });
}

test('bash is given what follows its own last split', async () => {
  expect(await offers.bash('remote-jobs --output=js')).toEqual(['json']);
});

describe('on a server', () => {
  let stack: CliStack;
  beforeAll(async () => {
    stack = await cliStack();
  });
  afterAll(() => stack.close());

  const offered = async (...words: string[]) => {
    let stdout = '';
    const write = (text: string) => ((stdout += text), true);
    const stream = { write };
    await complete(['words', ...stack.flags, ...words], {
      cwd: stack.cwd,
      env: { ...stack.env, REMOTE_JOBS_COMPLETION_MS: '60000' },
      stdin: process.stdin,
      stdout: stream,
      stderr: stream,
      onInterrupt: () => () => undefined,
    });
    return stdout;
  };

  test('jobs, chains and schedules are those that Temporal has', async () => {
    const id = `completed-${stack.jobs.temporal.taskQueue}`;
    const terminal = stack.terminal();
    expect(
      await terminal.run(
        'linkis',
        'run',
        '--code',
        'select 1',
        '--engine',
        'spark-2.4.3',
        '--run-type',
        'sql',
        '--id',
        id,
      ),
    ).toBe(0);
    expect(await offered('show', id.slice(0, 12))).toContain(`${id}\t`);
    expect(await offered('watch', id)).not.toContain(`${id}\t`);
    expect(await offered('chain', 'show', 'none-such-')).toBe(':end\n');
  });

  test('a server that is not there costs its candidates only', async () => {
    expect(await offered('show', '--address', '127.0.0.1:1', '')).toBe(':end\n');
  });
});
