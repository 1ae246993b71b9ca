import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { cliStack, type CliStack } from './cli-stack';

let stack: CliStack;
beforeAll(async () => {
  stack = await cliStack();
  await stack.write('key.txt', 'demo-secret');
});
afterAll(() => stack.close());

const read = (name: string) => readFile(path.join(stack.cwd, name), 'utf8');

test('options answer everything: the file is commented, without a secret, and its connections are tried', async () => {
  const terminal = stack.terminal();
  const code = await terminal.run(
    ...['init', '--config', 'both.yaml', '--output', 'json', '--yes'],
    ...['--sqlflow-url', stack.sqlflow.url, '--sqlflow-user', 'demo'],
    ...['--sqlflow-secret-key', 'file:key.txt', '--linkis-url', stack.linkis.url],
    ...['--linkis-user', 'hadoop', '--linkis-token', 'env:NOT_SET_ANYWHERE'],
  );
  expect(code).toBe(0);
  const { file, replaced, findings } = terminal.json;
  expect([file, replaced]).toEqual([path.join(stack.cwd, 'both.yaml'), false]);
  expect(findings).toMatchObject([
    { check: 'connection sqlflow', status: 'ok' },
    { check: 'connection linkis', status: 'wrong', found: expect.stringContaining('NOT_SET') },
  ]);
  const text = await read('both.yaml');
  expect(text).toContain('secretKey: { file: key.txt }');
  expect(text).toContain('# users: [alice, bob]');
  expect(text).not.toContain('demo-secret');
  expect(await terminal.run('config', 'check', '--config', 'both.yaml')).toBe(0);
});

test('a file that is there stays as it is, unless --force is given', async () => {
  await stack.write('mine.yaml', 'connections: {}\n');
  const terminal = stack.terminal();
  const line = ['init', '--config', 'mine.yaml', '--linkis-url', stack.linkis.url];
  expect(await terminal.run(...line, '--linkis-user', 'hadoop')).toBe(2);
  expect(terminal.stderr).toContain('--force');
  expect(await read('mine.yaml')).toBe('connections: {}\n');
  expect(await terminal.run(...line, '--linkis-user', 'hadoop', '--force')).toBe(0);
  expect(await read('mine.yaml')).toContain('user: hadoop');
});

test('without a terminal it says what to give, and a secret that was typed is not repeated', async () => {
  const terminal = stack.terminal();
  expect(await terminal.run('init', '--config', 'none.yaml')).toBe(2);
  expect(terminal.stderr).toContain('--sqlflow-url');
  const url = ['--linkis-url', stack.linkis.url, '--linkis-user', 'hadoop'];
  expect(
    await terminal.run('init', '--config', 'none.yaml', ...url, '--linkis-password', 'hunter2'),
  ).toBe(2);
  expect(terminal.stderr).toContain('env:NAME');
  expect(terminal.stderr).not.toContain('hunter2');
  expect(
    await terminal.run('init', '--config', 'none.yaml', '--linkis-url', 'x', '--linkis-user', 'u'),
  ).toBe(2);
  expect(terminal.stderr).toContain('connections.linkis.url');
  await expect(read('none.yaml')).rejects.toThrow('ENOENT');
});

test('on a terminal it asks for what is missing', async () => {
  const terminal = stack.terminal({ tty: true });
  const run = terminal.run(
    ...['init', '--config', 'asked.yaml', '--sqlflow-url', stack.sqlflow.url],
    ...['--artifacts', 'kept'],
  );
  const answer = async (question: RegExp, keys: string) => {
    await terminal.untilSaid(question);
    terminal.type(keys);
  };
  await answer(/user id of the account/, 'demo\r');
  await answer(/what is the credential/, '\r');
  await answer(/where is the secretKey/, '\r');
  await answer(/Name of that variable/, '\r');
  expect(await run).toBe(0);
  const text = await read('asked.yaml');
  expect(text).toContain('userId: demo');
  expect(text).toContain('secretKey: { env: SQLFLOW_SECRET_KEY }');
  expect(text).toContain('folder: kept');
});
