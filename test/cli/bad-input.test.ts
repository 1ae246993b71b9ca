import { chmod, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Terminal } from './terminal';

let cwd: string;
let terminal: Terminal;
beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'cli-bad-'));
  await writeFile(path.join(cwd, 'good.sql'), 'select 1');
  await writeFile(path.join(cwd, 'empty.sql'), '');
  await writeFile(path.join(cwd, 'blank.sql'), ' \n\n');
  await mkdir(path.join(cwd, 'folder'));
  await writeFile(path.join(cwd, 'large.zip'), '');
  await truncate(path.join(cwd, 'large.zip'), 201 * 2 ** 20);
  // Nobody listens on port 1: whatever got as far as Temporal answers 4.
  const env = { HOME: cwd, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  terminal = new Terminal({ cwd, env });
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const hive = ['--dbvendor', 'hive'];
const spark = ['--engine', 'spark-2.4.3', '--run-type', 'sql'];
const code = ['--code', 'select 1'];
const linkis = ['linkis', 'run'];
const sqlflow = ['sqlflow', 'run'];

/** What is typed, and the sentence that answers it; all with exit code 2. */
const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no files', [...sqlflow, ...hive], /No files: name at least one/],
  ['a missing file', [...sqlflow, 'no.sql', ...hive], /no\.sql doesn't exist/],
  ['an empty file', [...sqlflow, 'empty.sql', ...hive], /empty\.sql is empty/],
  ['a folder', [...sqlflow, 'folder', ...hive], /folder is a folder/],
  [
    'a zip over 200 MB',
    [...sqlflow, 'large.zip', ...hive],
    /large\.zip has 210763776 bytes, and limits\.maxFileBytes allows 209715200/,
  ],
  ['a blank name', [...sqlflow, 'good.sql', ...hive, '--name', ' '], /jobName is blank/],
  [
    'a blank jobId',
    [...sqlflow, 'good.sql', ...hive, '--persist', '--job-id', ''],
    /jobId is blank; give the jobId of the first submit/,
  ],
  [
    'a jobId without --persist',
    [...sqlflow, 'good.sql', ...hive, '--job-id', 'x'],
    /add --persist/,
  ],
  ['a limit that is no number', ['list', '--limit', 'all'], /--limit .*Give a whole number from 1/],
  [
    'a port that is none',
    [...sqlflow, ...hive, '--database-host', 'h', '--database-port', 'x'],
    /--database-port .*Give a port/,
  ],
  [
    'a command that is misspelt',
    ['sqlflow', 'rum'],
    /Did you mean run\?.*remote-jobs sqlflow --help/s,
  ],
  ['no dialect', [...sqlflow, 'good.sql'], /--dbvendor is missing/],
  [
    'an unknown export',
    [...sqlflow, 'good.sql', ...hive, '--export', 'svg'],
    /"svg"; give one of json/,
  ],
  [
    'two delimiters',
    [...sqlflow, 'good.sql', ...hive, '--delimiter', '||'],
    /exactly one character/,
  ],
  ['half a database', [...sqlflow, ...hive, '--database-host', 'db'], /needs --database-port/],
  [
    'no number of submissions',
    [...linkis, ...spark, ...code, '--resubmit', 'often'],
    /--resubmit is "often"; give the submissions in all, from 2 to 10/,
  ],
  [
    'too many submissions',
    [...linkis, ...spark, ...code, '--resubmit', '11'],
    /resubmit\.maxAttempts is 11; give a whole number from 2 to 10/,
  ],
  ['no code', [...linkis, ...spark], /No code/],
  ['code and a file', [...linkis, ...spark, ...code, '--file', 'good.sql'], /one of the two/],
  ['empty code', [...linkis, ...spark, '--code', ' '], /--code is empty/],
  [
    'a file of white space',
    [...linkis, ...spark, '--file', 'blank.sql'],
    /no code, only white space/,
  ],
  ['a missing code file', [...linkis, ...spark, '--file', 'no.sql'], /no\.sql doesn't exist/],
  [
    'an engine without a version',
    [...linkis, ...code, '--engine', 'spark', '--run-type', 'sql'],
    /spark-2\.4\.3/,
  ],
  ['no engine', [...linkis, ...code, '--run-type', 'sql'], /--engine is missing/],
  [
    'a variable without a value',
    [...linkis, ...spark, ...code, '--var', 'x'],
    /--var takes KEY=VALUE/,
  ],
  [
    'a literal password',
    [...linkis, ...spark, ...code, '--runtime', 'jdbc.password=x'],
    /jdbc\.password is a literal/,
  ],
  [
    'a secret without a name',
    [...linkis, ...spark, ...code, '--runtime', 'a=@secret:'],
    /without a secret's name/,
  ],
  [
    'a creator that kills tasks',
    [...linkis, ...spark, ...code, '--creator', 'LINKISCLI'],
    /creator/,
  ],
  [
    'a deadline in the past',
    [...linkis, ...spark, ...code, '--deadline', '2020-01-01'],
    /in the past/,
  ],
  ['a deadline of nothing', [...linkis, ...spark, ...code, '--deadline', '0s'], /leaves no time/],
  [
    'a deadline that is no time',
    [...linkis, ...spark, ...code, '--deadline', 'soon'],
    /a duration such as 90s/,
  ],
  ['a task id that is no number', ['linkis', 'attach', 'abc'], /taskId is "abc"/],
  ['an unknown command', ['lsit'], /Did you mean list\?/],
  ['an unknown option', ['list', '--runing'], /Did you mean --running\?/],
  ['an unknown output', ['list', '--output', 'xml'], /Allowed choices are text, json/],
  ['a missing configuration', ['list', '--config', 'no.yaml'], /no\.yaml doesn't exist/],
  ['an --out that is a file', [...linkis, ...spark, ...code, '--out', 'good.sql'], /it is a file/],
  [
    'an --out below a file',
    [...linkis, ...spark, ...code, '--out', 'good.sql/x'],
    /a part of the path is a file/,
  ],
  [
    '--out with --detach',
    [...linkis, ...spark, ...code, '--out', 'o', '--detach'],
    /doesn't go with --detach/,
  ],
];

test.each(mistakes)('%s is told in a sentence, with exit code 2', async (_what, args, words) => {
  const before = await readdir(cwd);
  expect(await terminal.run(...args)).toBe(2);
  expect(terminal.stderr).toMatch(words);
  expect(terminal.stderr).toMatch(/^Error: /m);
  expect(terminal.stderr).not.toMatch(/^\s+at /m);
  expect(terminal.stdout).toBe('');
  const left = (await readdir(cwd)).filter((name) => !before.includes(name));
  expect(left.filter((name) => name !== 'remote-jobs-artifacts')).toEqual([]);
});

test('a mistake is a JSON document where one is asked for', async () => {
  expect(await terminal.run(...sqlflow, 'no.sql', ...hive, '--output', 'json')).toBe(2);
  expect(terminal.json).toEqual({
    error: { message: expect.stringMatching(/no\.sql doesn't exist: check the path$/) },
    exitCode: 2,
  });
  expect(await terminal.run('list', '--runing', '--output', 'json')).toBe(2);
  expect(terminal.json.exitCode).toBe(2);
});

test('what ends a worker is an event of its log, where that is JSON', async () => {
  const event = (words: RegExp) => ({
    time: expect.any(String),
    level: 'error',
    message: expect.stringMatching(words),
  });
  expect(await terminal.run('worker', '--log-format', 'json', '--quiet')).toBe(2);
  expect(JSON.parse(terminal.stderr)).toEqual(event(/^No connection is configured: write /));
  await writeFile(
    path.join(cwd, 'logged.yaml'),
    'log: { format: json }\nconnections: { flow: { type: sqlflow, url: "http://127.0.0.1:1", userId: u, token: { env: T } } }\n',
  );
  const args = ['worker', '--config', 'logged.yaml', '--output', 'json'];
  expect(await terminal.run(...args)).toBe(4);
  expect(JSON.parse(terminal.stderr)).toEqual(event(/Temporal/));
  expect(terminal.json).toMatchObject({ error: { message: expect.any(String) }, exitCode: 4 });
});

test('a typo in the configuration is named at its line, with the nearest right one', async () => {
  await writeFile(
    path.join(cwd, 'typo.yaml'),
    'connections:\n  flow:\n    type: sqlflow\n    urll: http://127.0.0.1:1\n    userId: u\n    token: { env: T }\n',
  );
  expect(await terminal.run('config', 'check', '--config', 'typo.yaml')).toBe(2);
  expect(terminal.stderr).toContain(
    'typo.yaml:4:5: connections.flow.urll is no setting: did you mean "url"?',
  );
});

test('an unknown dialect is a warning, and the job goes on', async () => {
  expect(await terminal.run(...sqlflow, 'good.sql', '--dbvendor', 'dbvnew')).toBe(4);
  expect(terminal.stderr).toMatch(/Warning: .*dbvnew/);
});

test('a folder that may not be written is found out before anything is started', async () => {
  const out = path.join(cwd, 'read-only');
  await mkdir(out);
  await chmod(out, 0o500);
  const answered = await terminal.run(...linkis, ...spark, ...code, '--out', 'read-only');
  await chmod(out, 0o700);
  // Root may write everywhere: then it goes on to Temporal, which isn't there.
  expect(answered).toBe(process.getuid?.() === 0 ? 4 : 2);
});

test('a folder that was made for results is taken away when nothing comes of it', async () => {
  const deep = path.join('made', 'for', 'results');
  expect(await terminal.run(...linkis, ...spark, ...code, '--out', deep)).toBe(4);
  expect(await readdir(cwd)).not.toContain('made');
});

test('a Temporal server that is not there answers 4 with what to do', async () => {
  expect(await terminal.run('list')).toBe(4);
  expect(terminal.stderr).toMatch(/can't be reached at 127\.0\.0\.1:1 \(from TEMPORAL_ADDRESS/);
  expect(terminal.stderr).toContain('remote-jobs dev');
});

test('a worker without a connection says how to give it one', async () => {
  expect(await terminal.run('worker')).toBe(2);
  expect(terminal.stderr).toContain('No connection is configured');
});

test('help and version answer 0 on stdout', async () => {
  expect(await terminal.run('--version')).toBe(0);
  expect(terminal.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await terminal.run('linkis', 'run', '--help')).toBe(0);
  expect(terminal.stdout).toContain('Examples:');
  expect(terminal.stderr).toBe('');
});
