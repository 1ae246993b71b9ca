import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { until } from '../support/until';
import { cliStack, type CliStack } from './cli-stack';

let stack: CliStack;
beforeAll(async () => {
  stack = await cliStack();
  await mkdir(path.join(stack.cwd, 'etl'));
  await stack.write('etl/daily.sql', daily);
  await stack.write('etl/best.sql', 'create view dw.best as select d.id from dw.daily d;');
  await stack.write('slow.sql', '-- local: delay 600s\nselect 1 as one');
});
afterAll(() => stack.close());

const daily =
  'create table dw.daily as select o.id, sum(o.amount) as total from raw.orders o group by o.id;';
const on = ['--connection', 'sqlflow'];
const hive = ['--dbvendor', 'hive', ...on];
const json = ['--output', 'json', '--quiet'];

const inCwd = (...parts: string[]) => path.join(stack.cwd, ...parts);
const submits = () =>
  stack.sqlflow.service.calls.filter(({ endpoint }) => endpoint === 'submitPersistJob').length;

test('a first refresh begins the chain, says what it came to and leaves all its files', async () => {
  const terminal = stack.terminal();
  expect(
    await terminal.run('chain', 'refresh', 'nightly', 'etl', ...hive, '--out', 'lineage'),
  ).toBe(0);
  expect(terminal.stdout).toMatch(
    /^revision 1 of generation 1 · 2 of 2 files sent \(2 added\) · 3 edges\n/,
  );
  expect(terminal.stderr).toMatch(/^Gathered 2 files\nStarted sqlflowRefreshRequest\/nightly\//);
  expect((await readdir(inCwd('lineage'))).sort()).toEqual(
    expect.arrayContaining([
      'lineage.csv',
      'lineage.graphml',
      'lineage.html',
      'lineage.json',
      'result.json',
    ]),
  );
  expect(JSON.parse(await readFile(inCwd('lineage', 'result.json'), 'utf8'))).toMatchObject({
    chain: 'nightly',
    revision: 1,
    status: 'success',
    files: { total: 2, sent: 2 },
  });
});

test('an unchanged refresh submits nothing, and gives the files of the latest revision', async () => {
  const before = submits();
  const terminal = stack.terminal();
  const refresh = ['chain', 'refresh', 'nightly', 'etl', ...hive];
  expect(await terminal.run(...refresh, '--out', 'unchanged', ...json)).toBe(0);
  expect(terminal.json).toMatchObject({
    outcome: 'succeeded',
    exitCode: 0,
    result: { end: 'unchanged', files: { total: 2, sent: 0 } },
    revision: { revision: 1 },
    out: inCwd('unchanged'),
  });
  expect(submits()).toBe(before);
  expect(await readdir(inCwd('unchanged'))).toContain('lineage.csv');
  expect(await terminal.run(...refresh)).toBe(0);
  expect(terminal.stdout).toMatch(/^unchanged: none of 2 files differs from the latest revision/);
  expect(terminal.stderr).toContain('Still revision 1 of generation 1');
});

test('a changed file is sent alone; the asker and the refresh itself are both shown by their ids', async () => {
  await stack.write('etl/best.sql', 'create view dw.best as select d.id, d.total from dw.daily d;');
  const terminal = stack.terminal();
  const refresh = ['chain', 'refresh', 'nightly', 'etl', ...hive];
  expect(await terminal.run(...refresh, '--id', 'second')).toBe(0);
  expect(terminal.stdout).toMatch(
    /^revision 2 of generation 1 · 1 of 2 files sent \(1 changed\) · 4 edges \(\+1 −0\)$/m,
  );
  expect(terminal.stderr).toContain('lineage diff nightly@1 nightly@2 --connection sqlflow');
  expect(terminal.stderr).not.toMatch(/(Fetching|Comparing)[^]*In the queue/);

  expect(await terminal.run('show', 'second')).toBe(0);
  expect(terminal.stdout).toMatch(/^chain +nightly on connection sqlflow$/m);
  expect(terminal.stdout).toMatch(/^status +succeeded \(refreshed\)$/m);
  const [, own = ''] = /^refresh +(\S+)$/m.exec(terminal.stdout) ?? [];
  expect(own).toMatch(/^sqlflow-chain\/sqlflow\/nightly\//);
  expect(await terminal.run('show', own)).toBe(0);
  expect(terminal.stdout).toMatch(/^outcome +revision 2 of generation 1 /m);

  for (const id of ['second', own]) {
    expect(await terminal.run('results', id, '--out', 'again', ...json)).toBe(0);
    const names = terminal.json.files.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['result.json', 'diff.json', 'diff.md']));
    expect(await terminal.run('watch', id, ...json)).toBe(0);
    expect(terminal.events.at(-1)).toMatchObject({ event: 'ended', revision: { revision: 2 } });
  }
  await until(async () => {
    await terminal.run('list', '--output', 'json');
    return terminal.json.jobs.some(({ id }: { id: string }) => id === 'second');
  });
});

test('a gate that closes answers 1 with its reasons, and what it saw is left to be looked at', async () => {
  await stack.write('etl/best.sql', 'create view dw.best as select 1 as id;');
  const terminal = stack.terminal();
  const refresh = ['chain', 'refresh', 'nightly', 'etl', ...hive, '--out', 'stopped'];
  expect(await terminal.run(...refresh, '--protect', 'dw.best')).toBe(1);
  expect(terminal.stderr).toMatch(/Error: .*dw\.best/);
  expect(terminal.stderr).toContain('What the refresh left, to be looked at:');
  const left = await readdir(inCwd('stopped'));
  expect(left).toEqual(expect.arrayContaining(['diff.md', 'lineage.json']));
  expect(left).not.toContain('result.json');
  expect(terminal.stderr).toContain('lineage diff nightly nightly@3 --connection sqlflow');
  await terminal.run('chain', 'show', 'nightly', ...on, '--output', 'json');
  expect(terminal.json).toMatchObject({ revision: 3, latest: { revision: 2 } });
  await terminal.run('chain', 'history', 'nightly', ...on, '--limit', '1');
  expect(terminal.stdout).toMatch(/ failed +3 +1 .*lost all its sources/);
});

test('the first refresh of a chain whose gate closes has nothing to be compared with', async () => {
  await mkdir(inCwd('half'));
  await stack.write('half/broken.sql', 'selec nothing;');
  await stack.write('half/whole.sql', 'create view dw.a as select id from raw.b;');
  const terminal = stack.terminal();
  const refresh = ['chain', 'refresh', 'first', 'half', ...hive];
  expect(await terminal.run(...refresh, '--gate-max-parse-errors', '0')).toBe(1);
  expect(terminal.stderr).toContain('lineage show first@1');
  expect(await terminal.run('lineage', 'show', 'first@1', ...on)).toBe(0);
});

test('a refresh that waits for an approval says so, and Ctrl-C takes it back', async () => {
  const terminal = stack.terminal();
  const running = terminal.run(
    ...['chain', 'refresh', 'nightly', 'etl', ...hive, '--id', 'asks'],
    ...['--protect', 'dw.best', '--on-closed', 'approve'],
  );
  await terminal.untilSaid(
    /waits for an approval until .*\nAnswer it with: remote-jobs .*approve nightly --connection sqlflow/,
  );
  const other = stack.terminal();
  await other.run('show', 'asks');
  expect(other.stdout).toMatch(/^status +running \(waiting for approval\)$/m);
  expect(other.stdout).toMatch(/^approval +/m);
  terminal.interrupt();
  expect(await running).toBe(3);
  expect(terminal.stderr).toContain('Cancelling; waiting for the chain to take it back…');
  expect(terminal.stderr).toMatch(/Error: The refresh was cancelled, and chain nightly stays: /);
});

test('one refresh waits for the other and is taken back; the one that runs leaves its job alone', async () => {
  const first = stack.terminal();
  const refresh = ['chain', 'refresh', 'slow', 'slow.sql', ...hive, '--id'];
  const running = first.run(...refresh, 'runs');
  await first.untilSaid(/SQLFlow job \w+ on connection sqlflow/);
  const second = stack.terminal();
  const waiting = second.run(...refresh, 'waits');
  await second.untilSaid(/Waiting for its turn, 1 refresh before it/);

  const other = stack.terminal();
  expect(await other.run('cancel', 'waits')).toBe(0);
  expect(await waiting).toBe(3);
  expect(await other.run('cancel', 'runs')).toBe(0);
  expect(other.stdout).toMatch(/^abandoned: /);
  expect(await running).toBe(3);
  await other.run('chain', 'show', 'slow', ...on, '--output', 'json');
  const { jobId } = other.json.current;
  expect(stack.sqlflow.jobs()).toContainEqual(expect.objectContaining({ jobId, isBusy: true }));
});

test('what the server could not parse is told once, by the file’s own name and its place', async () => {
  await mkdir(inCwd('parts', 'deep'), { recursive: true });
  await stack.write('parts/good.sql', daily);
  await stack.write('parts/deep/bad.sql', 'select 1;\nselec a\n  from t;');
  const terminal = stack.terminal();
  expect(await terminal.run('chain', 'refresh', 'parts', 'parts', ...hive)).toBe(0);
  expect(terminal.stderr).toContain('some files could not be parsed');
  expect(terminal.stderr).toMatch(/^ {2}deep\/bad\.sql:3:3 \w/m);
  expect(terminal.stderr.match(/bad\.sql/g)).toHaveLength(1);
});

test('a paused chain skips refreshes until it goes on', async () => {
  const terminal = stack.terminal();
  const refresh = ['chain', 'refresh', 'nightly', 'etl', ...hive];
  expect(await terminal.run('chain', 'pause', 'nightly', ...on, '--note', 'migration')).toBe(0);
  expect(await terminal.run(...refresh)).toBe(0);
  expect(terminal.stdout).toMatch(/^skipped: .*migration/);
  await terminal.run('chain', 'show', 'nightly', ...on);
  expect(terminal.stdout).toMatch(/^paused +since .*: migration$/m);
  expect(await terminal.run('chain', 'resume', 'nightly', ...on, '--output', 'json')).toBe(0);
  expect(terminal.json).toMatchObject({ chain: 'nightly', paused: false });
  expect(await terminal.run(...refresh)).toBe(0);
  expect(terminal.stdout).toMatch(/^revision \d+ of generation 1 /);
});

test('a job that was made by hand is adopted, refreshed, and stays when its chain is forgotten', async () => {
  const terminal = stack.terminal();
  const persist = ['--persist', '--export', 'json', ...json];
  await terminal.run('sqlflow', 'run', 'etl/daily.sql', ...hive, ...persist);
  const { jobId } = terminal.json.result;
  const adopt = ['chain', 'adopt', 'by-hand', '--job-id', jobId, ...hive];
  expect(await terminal.run(...adopt, '--output', 'json')).toBe(0);
  expect(terminal.json).toMatchObject({ chain: 'by-hand', jobId, generation: 1 });
  expect(await terminal.run('chain', 'adopt', 'nightly', '--job-id', jobId, ...hive)).toBe(2);
  expect(terminal.stderr).toMatch(/has SQLFlow job \w+ already/);

  expect(await terminal.run('chain', 'refresh', 'by-hand', 'etl', ...hive, ...json)).toBe(0);
  expect(terminal.json.result).toMatchObject({ end: 'refreshed', jobId, files: { sent: 2 } });
  await terminal.run('chain', 'show', 'by-hand', ...on);
  expect(terminal.stdout).toContain(`${jobId} (adopted: never deleted)`);

  expect(await terminal.run('chain', 'forget', 'by-hand', ...on)).toBe(0);
  expect(terminal.stderr).toContain(`chain adopt by-hand --job-id ${jobId}`);
  expect(await terminal.run('chain', 'show', 'by-hand', ...on)).toBe(2);
  expect(terminal.stderr).toContain('was forgotten');
  expect(stack.sqlflow.jobs().map((job) => job.jobId)).toContain(jobId);
});

test.each([
  [['refresh', 'nightly', 'etl', ...on], '--dbvendor is missing'],
  [['refresh', 'a/b', 'etl', ...hive], 'is no name for a chain'],
  [['refresh', 'nightly', 'nowhere.sql', ...hive], 'nowhere.sql'],
  [['refresh', 'nightly', 'etl', ...hive, '--gate-max-removed-percent', '0'], 'above 0'],
  [['refresh', 'nightly', 'etl', ...hive, '--relation-types', 'fdd,fdt'], '"fdt" is no relation'],
  [['refresh', 'nightly', 'etl', ...hive, '--rebuild-every', 'x'], 'a whole number from 1'],
  [['refresh', 'nightly', 'etl', ...hive, '--on-closed', 'approve'], '--on-closed needs a gate'],
  [['refresh', 'nightly', 'etl', '--dbvendor', 'hive'], '--connection'],
  [['show', 'nowhere', ...on], 'is not known'],
  [['adopt', 'other', ...hive], '--job-id is missing'],
])('%j is refused with words', async (words, said) => {
  const terminal = stack.terminal();
  expect(await terminal.run('chain', ...words)).toBe(2);
  expect(terminal.stderr).toContain(said);
});

test.each(['show', 'watch', 'results', 'cancel'])(
  '%s sends whoever gives a chain’s id to what is right for it',
  async (word) => {
    const terminal = stack.terminal();
    expect(await terminal.run(word, 'sqlflow-chain/sqlflow/nightly')).toBe(2);
    expect(terminal.stderr).toContain('nightly --connection sqlflow');
  },
);
