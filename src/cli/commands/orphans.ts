import { Option } from 'commander';
import { installationIn } from '../../plugin/open-store';
import { jobNouns } from '../../contracts/names';
import type {
  JobUnderWay,
  OrphanedJob,
  OrphansInput,
  OrphansReport,
} from '../../contracts/orphans';
import { shellWord } from '../../contracts/words';
import {
  findOrphans,
  orphanScheduleId,
  scheduleOrphans,
  unscheduleOrphans,
} from '../../starter/orphans';
import { awaitReport } from '../await-report';
import { command } from '../command';
import { everyOf } from '../every';
import { exitCodes, type ExitCode } from '../exit-codes';
import { killWords } from '../job-words';
import type { Output } from '../output';
import { count } from '../preview';
import type { Session } from '../session';
import { renderTable } from '../tables';
import { printable } from '../text-width';

interface OrphansOptions {
  readonly kill?: boolean;
  readonly connection?: string;
  readonly schedule?: string;
  readonly unschedule?: boolean;
}

export const orphans = command<OrphansOptions>({
  name: 'orphans',
  summary: 'find remote jobs that nobody waits for any more, and kill them',
  description: `Finds remote jobs of this installation that are under way on their service although their
workflow is definitely closed, or unknown to Temporal: a terminated workflow leaves such jobs.
The worker looks; without --kill nothing is touched. Jobs of another installation or namespace are
never touched, nor any job while Temporal can't be asked. Persist jobs are listed, never killed.

Exit codes: 0 none found, listed only, or each killed with proof; 4 Temporal, the worker or a
service could not be asked; 5 a kill is unconfirmed, or some orphans are left for another run.`,
  options: [
    new Option('--kill', 'kill what is found, and prove it'),
    new Option('--connection <NAME>', 'only the jobs of this connection (default: all)'),
    new Option(
      '--schedule <EVERY>',
      'have Temporal do it again and again: 1h, 30m, or a cron expression',
    ).conflicts('unschedule'),
    new Option('--unschedule', 'remove that schedule').conflicts(['kill', 'connection']),
  ],
  output: ['orphans', 'orphanSchedule'],
  examples: [
    'remote-jobs orphans',
    'remote-jobs orphans --kill',
    'remote-jobs orphans --kill --schedule 1h',
    "remote-jobs orphans --kill --schedule '15 3 * * *'",
    'remote-jobs orphans --output json | jq .orphans',
  ],
  run: async (session, options) => {
    if (options.unschedule === true) return unschedule(session);
    const { kill = false, connection } = options;
    const input: OrphansInput = { kill, connection };
    if (options.schedule !== undefined) return schedule(session, options.schedule, input);
    const { taskQueue } = await session.settings();
    const client = await session.client();
    const handle = await findOrphans(client, input, { taskQueue });
    const report = await awaitReport<OrphansReport>(session, client, handle, (activity) =>
      activity.includes('Kill') ? 'killing…' : 'looking for orphans…',
    );
    const exitCode = exitCodeOf(report, kill);
    session.output.json({ ...report, workflowId: handle.workflowId, killed: kill, exitCode });
    tell(session.output, report, input);
    return exitCode;
  },
});

async function schedule(session: Session, given: string, input: OrphansInput): Promise<ExitCode> {
  const every = everyOf(given);
  const { taskQueue } = await session.settings();
  const installation = await installationName(session);
  const client = await session.client();
  const done = await scheduleOrphans(client, { installation, every, input, taskQueue });
  const id = orphanScheduleId(installation);
  session.output.json({ scheduleId: id, schedule: done, every, input, exitCode: exitCodes.done });
  const what = input.kill === true ? 'killed' : 'looked for, not killed';
  session.output.say(`Schedule ${id} ${done}: orphans are ${what}, ${given}.`);
  return exitCodes.done;
}

async function unschedule(session: Session): Promise<ExitCode> {
  const installation = await installationName(session);
  const removed = await unscheduleOrphans(await session.client(), installation);
  const id = orphanScheduleId(installation);
  session.output.json({
    scheduleId: id,
    schedule: removed ? 'removed' : 'none',
    exitCode: exitCodes.done,
  });
  session.output.say(removed ? `Schedule ${id} removed.` : `There was no schedule ${id}.`);
  return exitCodes.done;
}

/** As `remote-jobs worker` has it. */
async function installationName(session: Session): Promise<string> {
  const { jobs, artifacts } = await session.settings();
  return jobs.installation ?? installationIn(artifacts);
}

/** A job that may still run outweighs an account that could not be asked. */
function exitCodeOf(report: OrphansReport, kill: boolean): ExitCode {
  const unproven = report.orphans.some(
    (job) => (job.kill?.outcome ?? 'unconfirmed') === 'unconfirmed',
  );
  if (kill && (unproven || report.leftOut > 0)) return exitCodes.unknown;
  const unasked = report.looks.some(({ problem }) => problem !== undefined);
  return unasked ? exitCodes.unreachable : exitCodes.done;
}

function tell(output: Output, report: OrphansReport, { kill, connection }: OrphansInput): void {
  const { orphans, abandoned, unjudged, looks, leftOut } = report;
  for (const { connection, user, problem } of looks) {
    const where = user === undefined ? connection : `${connection} as ${user}`;
    if (problem !== undefined) output.warn(printable(`${where}: ${problem}`));
  }
  list(output, 'Orphans', orphans);
  list(output, 'Left running on purpose, never killed', abandoned);
  list(output, 'Not judged, never killed', unjudged);
  if (leftOut > 0) output.warn(`${count(leftOut, 'job')} more found no room in the report`);
  const asked = looks.reduce((sum, { own }) => sum + own, 0);
  const whose = `of installation ${report.installation}`;
  output.say(
    `${count(orphans.length, 'orphan')} among ${count(asked, 'job')} under way ${whose}, namespace ${report.namespace}.`,
  );
  if (!kill && orphans.length > 0) {
    const only = connection === undefined ? '' : ` --connection ${shellWord(connection)}`;
    output.say(`Kill them with: remote-jobs orphans --kill${only}`);
  }
  if (kill === true && orphans.some((job) => job.kill === undefined)) {
    output.warn('one run kills 200 orphans at most; run it again for the rest');
  }
}

function list(output: Output, title: string, jobs: readonly (JobUnderWay | OrphanedJob)[]): void {
  if (jobs.length === 0) return;
  output.print(output.colors.bold(title));
  output.print(
    renderTable({
      columns: ['job', 'name', 'connection', 'status', 'workflow', 'why', ''],
      rows: jobs.map((job) => [
        `${jobNouns[job.vendor]} ${job.remoteId}`,
        job.name,
        job.user === undefined ? job.connection : `${job.connection} as ${job.user}`,
        job.status,
        job.workflowId ?? '',
        job.reason,
        'kill' in job && job.kill !== undefined ? killWords(job.kill) : '',
      ]),
      // What is cut can't be copied.
      width: output.columns && Math.max(output.columns, 200),
      heading: output.colors.dim,
    }),
  );
}
