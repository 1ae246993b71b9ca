import { Option } from 'commander';
import type { PruneInput, PruneReport } from '../../contracts/prune';
import { pruneJobs, pruneScheduleId, schedulePrune, unschedulePrune } from '../../starter/prune';
import { awaitReport } from '../await-report';
import { command } from '../command';
import { durationOption } from '../durations';
import { usageError } from '../errors';
import { everyOf } from '../every';
import { exitCodes, type ExitCode } from '../exit-codes';
import type { Output } from '../output';
import { count } from '../preview';
import { installationName } from '../schedule-owner';
import { typedDuration } from '../schedule-words';
import type { Session } from '../session';
import { renderTable } from '../tables';
import { printable } from '../text-width';

interface PruneCommandOptions {
  /** Milliseconds. */
  readonly olderThan: number;
  readonly connection?: string;
  readonly dryRun?: boolean;
  readonly schedule?: string;
  readonly unschedule?: boolean;
}

const hourMs = 60 * 60_000;

export const sqlflowPrune = command<PruneCommandOptions>({
  name: 'sqlflow prune',
  summary: "delete ended jobs that are exported, to keep the account's list short",
  description: `Deletes simple jobs of this installation whose workflow ended longer ago than --older-than: those
whose exports are in the artifact store, and those that failed. The worker does it, 200 in one run.
Never deleted: persist jobs and with them chains, jobs that an open workflow follows, jobs of other
installations and of people, and jobs whose workflow Temporal has forgotten, since nobody can tell
whether they were exported: let it run more often than the namespace forgets.

Exit codes: 0 done; 4 Temporal, the worker or an account could not be asked.`,
  options: [
    new Option('--older-than <D>', 'ended longer ago than that, 1h at least')
      .argParser(durationOption)
      .default(24 * hourMs, '1d'),
    new Option('--connection <NAME>', 'only the jobs of this connection (default: all)'),
    new Option('--dry-run', 'only count what would be deleted'),
    new Option(
      '--schedule <EVERY>',
      'have Temporal do it again and again: 1d, 12h, or a cron expression',
    ).conflicts(['unschedule', 'dryRun']),
    new Option('--unschedule', 'remove that schedule').conflicts(['connection', 'dryRun']),
  ],
  output: ['pruned', 'pruneSchedule'],
  examples: [
    'remote-jobs sqlflow prune --dry-run',
    'remote-jobs sqlflow prune --older-than 12h',
    'remote-jobs sqlflow prune --schedule 6h',
  ],
  run: async (session, options) => {
    const { olderThan: olderThanMs, connection, dryRun } = options;
    if (options.unschedule === true) return unschedule(session);
    if (olderThanMs < hourMs) throw usageError('--older-than is too short: give 1h at least.');
    const input: PruneInput = { olderThanMs, connection, dryRun };
    if (options.schedule !== undefined) return schedule(session, options.schedule, input);
    const { taskQueue } = await session.settings();
    const client = await session.client();
    const handle = await pruneJobs(client, input, { taskQueue });
    const report = await awaitReport<PruneReport>(session, client, handle, () => 'deleting…');
    const isAsked = report.accounts.every(({ problem }) => problem === undefined);
    const exitCode = isAsked ? exitCodes.done : exitCodes.unreachable;
    const { workflowId } = handle;
    session.output.json({ ...report, workflowId, dryRun: dryRun === true, exitCode });
    tell(session.output, report, input);
    return exitCode;
  },
});

async function schedule(session: Session, given: string, input: PruneInput): Promise<ExitCode> {
  const every = everyOf(given);
  const { taskQueue } = await session.settings();
  const installation = await installationName(session);
  const client = await session.client();
  const done = await schedulePrune(client, { installation, every, input, taskQueue });
  const id = pruneScheduleId(installation);
  session.output.json({ scheduleId: id, schedule: done, every, input, exitCode: exitCodes.done });
  const age = typedDuration(input.olderThanMs);
  session.output.say(
    `Schedule ${id} ${done}: exported jobs that ended ${age} ago are deleted, ${given}.`,
  );
  return exitCodes.done;
}

async function unschedule(session: Session): Promise<ExitCode> {
  const installation = await installationName(session);
  const removed = await unschedulePrune(await session.client(), installation);
  const id = pruneScheduleId(installation);
  const standing = removed ? 'removed' : 'none';
  session.output.json({ scheduleId: id, schedule: standing, exitCode: exitCodes.done });
  session.output.say(removed ? `Schedule ${id} removed.` : `There was no schedule ${id}.`);
  return exitCodes.done;
}

function tell(output: Output, report: PruneReport, { dryRun, olderThanMs }: PruneInput): void {
  const { accounts, deleted, left } = report;
  for (const { connection, problem } of accounts) {
    if (problem !== undefined) output.warn(printable(`${connection}: ${problem}`));
  }
  output.print(
    renderTable({
      columns: ['connection', 'jobs', "ended, this installation's", 'due'],
      rows: accounts.map(({ connection, listed, ended, due }) => [
        connection,
        String(listed),
        String(ended),
        String(due),
      ]),
      width: output.columns,
      heading: output.colors.dim,
    }),
  );
  const age = typedDuration(olderThanMs);
  if (dryRun === true) {
    output.say(`${count(left, 'job')} ended ${age} ago or earlier and would be deleted.`);
    return;
  }
  output.say(`Deleted ${count(deleted, 'job')} that ended ${age} ago or earlier.`);
  if (left > 0) output.say(`${count(left, 'job')} more are due: run it again.`);
}
