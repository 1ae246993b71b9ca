import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { until } from '../support/until';
import { cliStack, endless, spark, type CliStack } from './cli-stack';

let stack: CliStack;
beforeAll(async () => {
  stack = await cliStack();
});
afterAll(() => stack.close());

const run = ['linkis', 'run', '--code', endless, ...spark];

async function statusOf(id: string): Promise<string> {
  return (await stack.jobs.temporal.client.workflow.getHandle(id).describe()).status.name;
}

test('Ctrl-C cancels the job, waits for the proof and answers 3', async () => {
  const terminal = stack.terminal();
  const ended = terminal.run(...run, '--id', 'ctrl-c', '--output', 'json');
  await terminal.untilSaid(/Running/);
  terminal.interrupt();
  expect(await ended).toBe(3);
  expect(terminal.json).toMatchObject({ outcome: 'cancelled', kill: { outcome: 'confirmed' } });
  expect(await statusOf('ctrl-c')).toBe('CANCELLED');
});

test('Ctrl-C in a process of its own does the same', async () => {
  const register = path.join(__dirname, '../support/register.js');
  const main = path.join(__dirname, '../../src/cli/main.ts');
  const child = spawn(process.execPath, ['-r', register, main, ...stack.flags, ...run], {
    cwd: stack.cwd,
    env: stack.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  await until(async () => said.includes('Running'));
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  expect(said).toContain('kill confirmed');
  expect(code).toBe(3);
});

test('Ctrl-C on a terminal asks; d leaves the job running and prints its id', async () => {
  const terminal = stack.terminal({ tty: true });
  const ended = terminal.run(...run, '--id', 'detached');
  await terminal.untilSaid(/Running/);
  terminal.interrupt();
  const asks = () => /\[d\]etach[^\r]*$/.test(terminal.stderr);
  await until(async () => asks());
  terminal.press('x');
  await until(async () => !asks());
  terminal.interrupt();
  await until(async () => asks());
  terminal.press('d');
  expect(await ended).toBe(0);
  expect(terminal.stdout).toBe('detached\n');
  expect(await statusOf('detached')).toBe('RUNNING');
  expect(await stack.terminal().run('cancel', 'detached')).toBe(0);
});

test('a second Ctrl-C on a terminal cancels', async () => {
  const terminal = stack.terminal({ tty: true });
  const ended = terminal.run(...run, '--id', 'twice');
  await terminal.untilSaid(/Running/);
  terminal.interrupt();
  await terminal.untilSaid(/\[d\]etach/);
  terminal.press('\u0003');
  expect(await ended).toBe(3);
  expect(terminal.stderr).toContain('kill confirmed');
});

test('a terminal that goes away leaves the job running', async () => {
  const terminal = stack.terminal({ tty: true });
  const ended = terminal.run(...run, '--id', 'hung-up');
  await terminal.untilSaid(/Running/);
  terminal.interrupt('SIGHUP');
  expect(await ended).toBe(0);
  expect(await statusOf('hung-up')).toBe('RUNNING');
  expect(await stack.terminal().run('cancel', 'hung-up')).toBe(0);
});

test('a kill that the service does not prove answers 5', async () => {
  const terminal = stack.terminal();
  const ended = terminal.run(...run, '--id', 'unproven');
  await terminal.untilSaid(/Running/);
  // Jobhistory forgets the task, so nothing can be proven of it.
  stack.linkis.service.setFaults({
    faults: [{ endpoint: 'jobhistory/get', do: 'error', code: 1, message: 'no such task' }],
  });
  terminal.interrupt();
  const code = await ended;
  stack.linkis.service.setFaults({ faults: [] });
  expect(terminal.stderr).toContain('kill unconfirmed');
  expect(code).toBe(5);
});

test('on a terminal the progress is one line that is drawn over itself', async () => {
  const terminal = stack.terminal({ tty: true });
  const ended = terminal.run(...run);
  await terminal.untilSaid(/Running \d+%/);
  stack.linkis.endDelays();
  expect(await ended).toBe(0);
  expect(terminal.stderr).toMatch(/\r\u001b\[2K[⠋-⠿] ▕.*▏ Running \d+%/);
  expect(terminal.stderr).toMatch(/✔.* Linkis task \d+: Succeed/);
  // Nothing of it is left.
  expect(terminal.stderr.trimEnd()).toMatch(/Get the files: .*$/);
});
