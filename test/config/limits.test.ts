import { loadConfig } from '../../src/config/load';
import { openSettings } from '../../src/config/options';
import { defaultLimits, LimitError } from '../../src/contracts/limits';
import { RemoteJobsPlugin } from '../../src/plugin/remote-jobs-plugin';
import { folderWith, problemsOf } from './support';

const load = (text: string) => {
  const cwd = folderWith({ 'remote-jobs.yaml': text });
  return loadConfig({ env: {}, cwd });
};

test('a limit that is set holds, and the others keep their defaults', () => {
  const { limits } = load('limits:\n  maxFiles: 3\n  maxResultRows: 1000\n');
  expect(limits).toEqual({ ...defaultLimits, maxFiles: 3, maxResultRows: 1000 });
  expect(load('limits:').limits).toEqual(defaultLimits);
  expect(loadConfig({ env: {}, cwd: folderWith() }).limits).toEqual(defaultLimits);
});

test('every mistake in a limit is told at its place', async () => {
  const problems = await problemsOf(() =>
    load('limits:\n  maxFile: 3\n  maxCodeBytes: 10MB\n  maxLogLines: 0\n  maxResultSets: 1.5\n'),
  );
  expect(problems).toEqual([
    'remote-jobs.yaml:2:3: limits.maxFile is no setting: did you mean "maxFiles"?',
    'remote-jobs.yaml:3:17: limits.maxCodeBytes must be a whole number of bytes from 1 to 268435456, not "10MB"',
    'remote-jobs.yaml:4:16: limits.maxLogLines must be a whole number of lines from 1 to 1000000000, not 0',
    'remote-jobs.yaml:5:18: limits.maxResultSets must be a whole number of result sets from 1 to 1000000, not 1.5',
  ]);
});

test('code sets the same limits, with the same checks', async () => {
  const connections = { s: { type: 'sqlflow', url: 'http://s', userId: 'u' } } as const;
  const one = { connections: { s: { ...connections.s, token: { value: 'secret' } } } };
  expect(openSettings(one).limits).toEqual(defaultLimits);
  expect(openSettings({ ...one, limits: { maxFiles: 3 } }).limits.maxFiles).toBe(3);
  const options = { ...one, artifacts: { folder: folderWith() }, limits: { maxFiles: -1 } };
  const problems = await problemsOf(() => new RemoteJobsPlugin(options));
  expect(problems).toEqual([
    'limits.maxFiles must be a whole number of files from 1 to 1000000, not -1',
  ]);
});

test("a limit's error names the limit, its value and what to do", () => {
  const error = new LimitError('maxFiles', 3, 'the submission has 4 files', 'give them as a zip');
  expect(error.message).toBe(
    'the submission has 4 files, and limits.maxFiles allows 3: give them as a zip, or raise the limit',
  );
});

test('where a worker shows its metrics is a host and a port', async () => {
  expect(load('metrics: { address: "127.0.0.1:9464" }').metrics).toEqual({
    address: '127.0.0.1:9464',
  });
  expect(load('metrics: { address: "[::1]:9464" }').metrics?.address).toBe('[::1]:9464');
  expect(load('').metrics).toBeUndefined();
  for (const address of ['9464', 'localhost', '127.0.0.1:0', 'http://127.0.0.1:9464', ':9464']) {
    const problems = await problemsOf(() =>
      load(`metrics: { address: ${JSON.stringify(address)} }`),
    );
    expect(problems).toEqual([
      `remote-jobs.yaml:1:21: metrics.address is ${JSON.stringify(address)}: give host and port, such as 127.0.0.1:9464`,
    ]);
  }
});
