import { cliStack, type CliStack } from './cli-stack';

let stack: CliStack;
beforeAll(async () => {
  stack = await cliStack();
  await stack.write('a.sql', 'create view v as select a from t;');
});
afterAll(() => stack.close());

test('a terminal of 80 columns, which has no room for the remote id, shows the whole id of a job', async () => {
  const plain = stack.terminal();
  const id = `sqlflowJob/a-long-name/${String(process.pid).padStart(8, '0')}`;
  const run = ['sqlflow', 'run', 'a.sql', '--dbvendor', 'hive'];
  expect(await plain.run(...run, '--id', id, '--quiet')).toBe(0);
  const narrow = stack.terminal({ tty: true, columns: 80 });
  expect(await narrow.run('list', '--limit', '500')).toBe(0);
  const lines = narrow.stdout.trimEnd().split('\n');
  const [own = ''] = lines.filter((line) => line.includes(id));
  expect(own).not.toMatch(/[0-9a-f]{32}/);
  // Others' connections, whose names may be longer, stand in the list too.
  expect(own).toMatch(new RegExp(`^${id} +completed +\\S+ +\\d\\d-\\d\\d \\d\\d:\\d\\d `));
  await plain.run('list', '--limit', '500');
  expect(plain.stdout).toMatch(/[0-9a-f]{32}/);
});
