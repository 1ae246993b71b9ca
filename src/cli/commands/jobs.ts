import { Option } from 'commander';
import { command } from '../command';
import { formatDuration, localTime } from '../durations';
import { exitCodes } from '../exit-codes';
import { listedTypes, listJobs, type ListedType } from '../../starter/list';
import type { JobDescription } from '../../starter/describe';
import { countOption } from '../number-options';
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
    new Option('--limit <N>', 'so many at most').argParser(countOption(1)).default(50),
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

/** Narrower than that, a line has no room for a remote id, the year and the seconds. */
const wholeFromColumns = 100;

function printJobs(output: Output, jobs: readonly JobDescription[]): void {
  const isNarrow = (output.columns ?? Infinity) < wholeFromColumns;
  const columns = [
    'id',
    'status',
    'connection',
    ...(isNarrow ? [] : ['remote id']),
    'started',
    'took',
  ];
  output.print(
    renderTable({
      columns,
      rows: jobs.map(({ workflowId, status, job, startedAt, closedAt }) => [
        workflowId,
        status.toLowerCase(),
        job?.connection ?? '',
        ...(isNarrow ? [] : [job?.remoteId ?? '']),
        isNarrow ? localTime(startedAt).slice(5, 16) : localTime(startedAt),
        formatDuration((closedAt?.getTime() ?? Date.now()) - startedAt.getTime()),
      ]),
      width: output.columns,
      // What is cut can't be copied.
      uncut: columns.flatMap((name, index) => (name === 'connection' ? [] : [index])),
      heading: output.colors.dim,
    }),
  );
}
