import { Option } from 'commander';
import { command } from '../command';
import { formatDuration, localTime } from '../durations';
import { exitCodes } from '../exit-codes';
import { listedTypes, listJobs, type ListedType } from '../../starter/list';
import type { JobDescription } from '../../starter/describe';
import { count } from '../preview';
import { renderTable } from '../tables';
import type { Output } from '../output';

interface ListOptions {
  readonly type?: ListedType;
  readonly running?: boolean;
  readonly limit: number;
}

export const list = command<ListOptions>({
  name: 'list',
  summary: 'what runs and what ran',
  options: [
    new Option(
      '--type <TYPE>',
      'only these; of scheduled runs only pipelines are told apart',
    ).choices([...listedTypes]),
    new Option('--running', 'only what runs now'),
    new Option('--limit <N>', 'so many at most').argParser(Number).default(50),
  ],
  output: ['jobs'],
  examples: [
    'remote-jobs list',
    'remote-jobs list --running',
    'remote-jobs list --type pipeline',
    'remote-jobs list --output json | jq .jobs',
  ],
  run: async (session, { type, running, limit }) => {
    const client = await session.client();
    const jobs: JobDescription[] = [];
    for await (const job of listJobs(client, { type, runningOnly: running, limit })) jobs.push(job);
    const { output } = session;
    output.json({ jobs: jobs.map((job) => ({ id: job.workflowId, ...job })) });
    if (jobs.length > 0) printJobs(output, jobs);
    output.say(jobs.length === 0 ? 'No jobs yet.' : count(jobs.length, 'job'));
    return exitCodes.done;
  },
});

function printJobs(output: Output, jobs: readonly JobDescription[]): void {
  output.print(
    renderTable({
      columns: ['id', 'status', 'connection', 'remote id', 'started', 'took'],
      rows: jobs.map((job) => [
        job.workflowId,
        job.status.toLowerCase(),
        job.job?.connection ?? '',
        job.job?.remoteId ?? '',
        localTime(job.startedAt),
        formatDuration((job.closedAt?.getTime() ?? Date.now()) - job.startedAt.getTime()),
      ]),
      width: output.columns,
      uncut: [0, 1, 3, 4, 5],
      heading: output.colors.dim,
    }),
  );
}
