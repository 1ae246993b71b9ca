import { cliStack, endless, spark, type CliStack } from './cli-stack';
import { until } from '../support/until';

let stack: CliStack;
beforeAll(async () => {
  stack = await cliStack();
});
afterAll(() => stack.close());

test('an id that is left out is chosen from a list, filtered by typing; elsewhere it is asked for', async () => {
  const plain = stack.terminal();
  const run = (id: string) =>
    plain.run('linkis', 'run', '--code', endless, ...spark, '--detach', '--id', id);
  expect(await run('orders-nightly')).toBe(0);
  expect(await run('客户-每日')).toBe(0);

  for (const [command, words] of [
    [['show'], /ID is missing: name a job, as `remote-jobs --address \S+ list` shows them\./],
    [['cancel'], /ID is missing: name a job, as `remote-jobs .* list --running` shows them\./],
    [['chain', 'show'], /NAME is missing: name a chain, as `remote-jobs .* chain list` shows/],
    [['schedule', 'pause'], /NAME is missing: name a schedule,/],
  ] as const) {
    expect(await plain.run(...command)).toBe(2);
    expect(plain.stderr).toMatch(words);
  }

  const terminal = stack.terminal({ tty: true });
  await until(async () => {
    await plain.run('list', '--running', '--output', 'json');
    const ids = plain.json.jobs.map(({ id }: { id: string }) => id);
    return ids.includes('orders-nightly') && ids.includes('客户-每日');
  });
  const chosen = terminal.run('cancel');
  await terminal.untilSaid(/Which job\?/);
  // The server is shared: what other specs run stands in the list too.
  terminal.type('客户-每');
  await terminal.untilSaid(/1 match/);
  expect(terminal.stderr).toMatch(/客户-每日 +running, /);
  terminal.press('\r');
  expect(await chosen).toBe(0);
  expect(terminal.stdout).toMatch(/^confirmed: /);

  const left = terminal.run('cancel');
  await terminal.untilSaid(/Which job\?/);
  terminal.press('\u0003');
  expect(await left).toBe(3);
  expect(terminal.stderr).toContain('Nothing was chosen.');
  expect(await plain.run('cancel', 'orders-nightly')).toBe(0);
});

test('where there is nothing to choose from, that is said', async () => {
  const terminal = stack.terminal({ tty: true });
  expect(await terminal.run('schedule', 'pause')).toBe(2);
  expect(terminal.stderr).toContain('There are no schedules.');
});
