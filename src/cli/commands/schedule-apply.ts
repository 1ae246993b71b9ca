import { Option } from 'commander';
import { scheduleWarnings } from '../../contracts/validate-schedule';
import { describeSchedule } from '../../starter/schedule-standing';
import {
  applySchedules,
  planSchedules,
  ScheduleStepError,
  type ScheduleChange,
  type ScheduleStep,
} from '../../starter/schedule-plan';
import { command } from '../command';
import { declaredSchedules } from '../declared-schedules';
import { CommandError, explain } from '../errors';
import { exitCodes } from '../exit-codes';
import type { Output } from '../output';
import { installationName } from '../schedule-owner';
import { rootWarnings } from '../schedule-roots';
import { neverRunsWarning } from '../schedule-words';
import { count } from '../preview';
import { printable } from '../text-width';

interface ApplyOptions {
  readonly prune?: boolean;
  readonly dryRun?: boolean;
}

export const scheduleApply = command<ApplyOptions>({
  name: 'schedule apply',
  summary: 'make the schedules what the configuration declares',
  description: `Creates and changes the schedules that stand under "schedules:" in the configuration, and tells what
becomes different. A schedule that was declared and is not any more is deleted with --prune; those
that were made with \`schedule create\`, and other installations', never are.`,
  options: [
    new Option('--prune', 'delete what was declared once and is not any more'),
    new Option('--dry-run', 'only tell what would be done'),
  ],
  output: ['schedulesApplied'],
  examples: ['remote-jobs schedule apply --dry-run', 'remote-jobs schedule apply --prune'],
  run: async (session, { prune, dryRun = false }) => {
    const wanted = await declaredSchedules(session);
    const installation = await installationName(session);
    const { taskQueue } = await session.settings();
    const client = await session.client();
    const options = { installation, taskQueue, prune };
    // Nothing is changed before all of it is known to be right.
    const steps = await planSchedules(client, wanted, options);
    const { output } = session;
    for (const definition of wanted) {
      const warnings = await rootWarnings(session, definition);
      for (const words of [...scheduleWarnings(definition), ...warnings]) {
        output.warn(`${definition.name}: ${words}`);
      }
    }
    const doomed = steps.filter(({ kind }) => kind === 'delete').map(({ name }) => name);
    if (doomed.length > 0) {
      const words = `${dryRun ? 'would' : 'will'} be deleted (--prune): ${doomed.join(', ')}`;
      output.warn(`${count(doomed.length, 'schedule')} ${words}`);
    }
    if (!dryRun) {
      try {
        await applySchedules(client, steps, options);
      } catch (error) {
        throw error instanceof ScheduleStepError ? halfDone(output, steps, error) : error;
      }
      for (const { kind, name } of steps) {
        if (kind !== 'create' && kind !== 'update') continue;
        const standing = await describeSchedule(client, { installation, name });
        for (const words of neverRunsWarning(standing)) output.warn(`${name}: ${words}`);
      }
    }
    output.json({
      applied: !dryRun,
      schedules: steps.map(({ name, kind, changes }) => ({ name, kind, changes })),
    });
    for (const step of steps) printStep(output, step);
    output.say(dryRun ? 'Nothing was changed (--dry-run).' : summary(steps));
    return exitCodes.done;
  },
});

/** Tells what stands as it was declared before the one that failed. */
function halfDone(
  output: Output,
  steps: readonly ScheduleStep[],
  { schedule, done, cause }: ScheduleStepError,
): CommandError {
  output.json({
    applied: false,
    failed: schedule,
    schedules: done.map(({ name, kind, changes }) => ({ name, kind, changes })),
  });
  for (const step of done) printStep(output, step);
  const left = steps.length - done.length;
  output.say(`${summary(done)} ${left} left as they were, ${schedule} the first of them.`);
  const { exitCode, message } = explain(cause);
  return new CommandError(exitCode, `schedules.${schedule}: ${message}`);
}

const marks: Readonly<Record<ScheduleStep['kind'], string>> = {
  create: '+',
  update: '~',
  unchanged: ' ',
  delete: '-',
  left: '!',
};

function printStep(output: Output, { kind, name, changes }: ScheduleStep): void {
  const more = kind === 'left' ? ' is not declared any more; --prune deletes it' : '';
  output.print(`${marks[kind]} ${name}${more}`);
  if (kind !== 'update') return;
  for (const change of changes) output.print(`    ${changeWords(change)}`);
}

function changeWords({ field, from = 'nothing', to = 'nothing' }: ScheduleChange): string {
  const short = (text: string) => (text.length > 100 ? `${text.slice(0, 99)}…` : text);
  return printable(`${field}: ${short(from)} → ${short(to)}`);
}

function summary(steps: readonly ScheduleStep[]): string {
  const number = (kind: ScheduleStep['kind']) => steps.filter((step) => step.kind === kind).length;
  return `${number('create')} created, ${number('update')} changed, ${number('delete')} deleted, ${number('unchanged')} unchanged.`;
}
