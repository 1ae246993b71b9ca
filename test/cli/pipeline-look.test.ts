import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Terminal } from './terminal';

const right = `name: etl
params:
  day: { type: date }
steps:
  load: { linkis: { code: 'select 1', engine: spark-2.4.3, runType: sql } }
  tell:
    approval: { message: 'Look at {{steps.load.taskId}} of {{params.day}}' }
    needs: [load]
    when: always
`;

let cwd: string;
let terminal: Terminal;
beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'cli-pipeline-'));
  await writeFile(path.join(cwd, 'right.yaml'), right);
  await writeFile(
    path.join(cwd, 'wrong.yaml'),
    right.replace('[load]', '[laod]').replace('always', 'never'),
  );
  terminal = new Terminal({ cwd, env: { HOME: cwd, TEMPORAL_ADDRESS: '127.0.0.1:1' } });
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

test('a right pipeline is told in a line', async () => {
  expect(await terminal.run('pipeline', 'check', 'right.yaml')).toBe(0);
  expect(terminal.stdout).toBe('right.yaml: etl is right: 2 steps, parameters day\n');
});

test('every mistake of every file is a line with its place, and the exit code is 2', async () => {
  expect(await terminal.run('pipeline', 'check', 'right.yaml', 'wrong.yaml')).toBe(2);
  const [first, ...more] = terminal.stdout.trimEnd().split('\n');
  expect(first).toContain('right.yaml: etl is right');
  expect(more).toEqual([
    expect.stringMatching(/^wrong\.yaml:7:26: .*"load"/),
    expect.stringMatching(/^wrong\.yaml:8:13: steps\.tell\.needs\[0\] .*did you mean "load"\?/),
    expect.stringMatching(/^wrong\.yaml:9:11: steps\.tell\.when must be one of .*"never"/),
  ]);
});

test('with JSON the mistakes are data, in one document', async () => {
  expect(await terminal.run('pipeline', 'check', 'wrong.yaml', '--output', 'json')).toBe(2);
  const { ok, files } = JSON.parse(terminal.stdout);
  expect(ok).toBe(false);
  expect(files).toHaveLength(1);
  expect(files[0].mistakes).toContainEqual(
    expect.objectContaining({ field: 'steps.tell.needs[0]', line: 8, column: 13 }),
  );
});

test('parameters are checked as a run would, where one is given', async () => {
  const check = ['pipeline', 'check', 'right.yaml'];
  expect(await terminal.run(...check, '--param', 'day=2026-05-01')).toBe(0);
  expect(await terminal.run(...check, '--param', 'day=tomorrow')).toBe(2);
  expect(terminal.stdout).toContain('parameter day is "tomorrow"; give a date');
  expect(await terminal.run(...check, '--param', 'dya=2026-05-01')).toBe(2);
  expect(terminal.stdout).toContain('did you mean "day"?');
});

test('a file that is not there is wrong usage', async () => {
  expect(await terminal.run('pipeline', 'check', 'missing.yaml')).toBe(2);
  expect(terminal.stderr).toContain("missing.yaml isn't there");
});

test('a graph is Mermaid on stdout, and an SVG where the file says so', async () => {
  expect(await terminal.run('pipeline', 'graph', 'right.yaml')).toBe(0);
  expect(terminal.stdout).toMatch(/^%% etl\nflowchart LR\n/);
  expect(terminal.stdout).toContain('|always|');
  expect(await terminal.run('pipeline', 'graph', 'right.yaml', '--out', 'etl.svg')).toBe(0);
  expect(await readFile(path.join(cwd, 'etl.svg'), 'utf8')).toMatch(/^<svg [^]*<\/svg>\n$/);
});

test('a pipeline with mistakes is not drawn; they are told', async () => {
  expect(await terminal.run('pipeline', 'graph', 'wrong.yaml')).toBe(2);
  expect(terminal.stdout).toBe('');
  expect(terminal.stderr).toContain('wrong.yaml:8:13: steps.tell.needs[0]');
});
