import { usageMistake } from './command-lines';
import { remoteJobsCommands } from './shell-commands';
import { yamlMistakes } from './yaml-blocks';

test('command lines are found in pipes, substitutions, loops over lines and behind variables', () => {
  const block = `LINKIS_URL=http://h npx remote-jobs doctor && remote-jobs list | wc   # remote-jobs show
remote-jobs watch "$(remote-jobs schedule trigger nightly)"
cat > a.sql <<'SQL'
remote-jobs is no command here;
SQL
remote-jobs linkis run --code 'select 1; select 2' \\
    --engine spark-2.4.3 --run-type sql > out`;
  expect(remoteJobsCommands(block)).toEqual([
    ['doctor'],
    ['list'],
    ['watch', 'SUBSTITUTED'],
    ['schedule', 'trigger', 'nightly'],
    [
      'linkis',
      'run',
      '--code',
      'select 1; select 2',
      '--engine',
      'spark-2.4.3',
      '--run-type',
      'sql',
    ],
  ]);
});

test('an unknown command, option or choice is a mistake, behind "--" too', () => {
  expect(usageMistake(['lineage', 'drawn'])).toContain('is no command');
  expect(usageMistake(['list', '--colour'])).toContain("unknown option '--colour'");
  expect(usageMistake(['list', '--output', 'xml'])).toContain('Allowed choices are');
  const schedule = ['schedule', 'create', 'n', '--cron', '@daily', '--'];
  expect(usageMistake([...schedule, 'chain', 'refresh', 'n', '--sent', 'all'])).toContain('--sent');
  expect(usageMistake([...schedule, 'chain', 'refresh', 'n', '--send', 'all'])).toBeUndefined();
});

test('a setting that is none, and a step of a pipeline that is none, are mistakes', async () => {
  expect(await yamlMistakes({ artifacts: { floder: 'x' } }, '')).toEqual([
    expect.stringContaining('floder'),
  ]);
  expect(await yamlMistakes({ secret: 1 }, '')).toEqual(['secret is no setting']);
  const pipeline = 'name: a\nsteps: { b: { spark: {} } }';
  expect(await yamlMistakes({ name: 'a', steps: {} }, pipeline)).not.toEqual([]);
});
