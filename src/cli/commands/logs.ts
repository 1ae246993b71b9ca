import { setTimeout as sleep } from 'node:timers/promises';
import { Option } from 'commander';
import { artifactUri, type ArtifactStore } from '../../artifacts/store';
import type { LogRef } from '../../contracts/job';
import { jobArtifacts, jobFolder } from '../../contracts/names';
import { shellWord } from '../../contracts/words';
import { describeJob } from '../../starter/describe';
import { LogFollower } from '../../starter/follow';
import { awaitOutcome, type JobOutcome } from '../../starter/outcome';
import { command, jobArgument } from '../command';
import { CommandError, usageError } from '../errors';
import { exitCodes } from '../exit-codes';
import { untilInterrupted } from '../interrupts';
import { linesOf, restOfLog } from '../job-log';
import { LogPrinter } from '../log-printer';
import { keepsLog, logGapWords } from '../job-words';
import type { JobResult } from '../result-folder';
import type { Session } from '../session';
import type { Client } from '@temporalio/client';
import { isOpen } from '../../contracts/workflow-status';

const lookEveryMs = 300;

export const logs = command<{ follow?: boolean }, [string]>({
  name: 'logs',
  summary: "a Linkis task's log",
  description: `Prints the log of a Linkis task: what is collected of it while it runs, the service's own log after.
With -f it goes on until the task has ended. SQLFlow jobs have no log.`,
  arguments: [jobArgument],
  options: [new Option('-f, --follow', 'go on until the task has ended')],
  output: ['log', 'logEvent'],
  examples: [
    'remote-jobs logs linkisTask/spark-2.4.3-sql/1f0c2d3e',
    'remote-jobs logs -f linkisTask/spark-2.4.3-sql/1f0c2d3e',
  ],
  run: async (session, { follow }, id) => {
    const signal = untilInterrupted(session.context);
    const client = await session.client();
    const { artifacts: store } = await session.settings();
    const found = await describeJob(client, id);
    const { runId, status, workflowType } = found;
    if (!keepsLog(found)) {
      throw usageError(
        `${id} is a ${workflowType}, and SQLFlow jobs have no log: \`remote-jobs show ${shellWord(id)}\`.`,
      );
    }
    const printer = new LogPrinter(session.output, follow === true);
    const followed = new LogFollower(store, id, runId);
    try {
      if (isOpen(status)) {
        await printLive(client, id, runId, followed, printer, follow === true, signal);
        if (follow !== true) return await printer.end();
      }
      await printRest(client, id, runId, followed, store, printer, session, signal);
      return await printer.end();
    } catch (error) {
      if (signal.aborted) return await printer.end();
      throw error;
    }
  },
});

async function printLive(
  client: Client,
  id: string,
  runId: string,
  followed: LogFollower,
  printer: LogPrinter,
  follow: boolean,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { status, job } = await describeJob(client, id, runId);
    for await (const line of followed.newLines(job?.remoteId, signal)) await printer.line(line);
    await printer.flush();
    if (!follow || !isOpen(status)) return;
    await sleep(lookEveryMs, undefined, { signal });
  }
}

/** What the final log has beyond the lines that were printed while the task ran. */
async function printRest(
  client: Client,
  id: string,
  runId: string,
  followed: LogFollower,
  store: ArtifactStore,
  printer: LogPrinter,
  { output }: Session,
  signal: AbortSignal,
): Promise<void> {
  const outcome = await awaitOutcome<JobResult>(client, id, runId);
  const log = await keptLog(store, id, runId, outcome, signal);
  if (log === undefined) {
    // What was collected is what there is.
    const { job } = await describeJob(client, id, runId);
    for await (const line of followed.newLines(job?.remoteId, signal)) await printer.line(line);
    if (followed.lines === 0) throw new CommandError(exitCodes.jobFailed, `${id} left no log.`);
    return;
  }
  const rest = restOfLog(followed, () => linesOf(store, log, signal));
  for (let next = await rest.next(); ; next = await rest.next()) {
    if (next.done !== true) {
      await printer.line(next.value);
      continue;
    }
    await printer.flush();
    if (next.value === 'differs') {
      output.say(
        `The service's own log differs from these lines: \`remote-jobs logs ${shellWord(id)}\` prints it.`,
      );
    }
    for (const words of logGapWords(log)) output.warn(words);
    return;
  }
}

/** The final log; a cancelled task's is there without a reference to it. */
async function keptLog(
  store: ArtifactStore,
  id: string,
  runId: string,
  outcome: JobOutcome<JobResult>,
  signal: AbortSignal,
): Promise<(Pick<LogRef, 'uri'> & Partial<LogRef>) | undefined> {
  if (outcome.kind === 'succeeded') return 'log' in outcome.result ? outcome.result.log : undefined;
  if ('report' in outcome && outcome.report?.log !== undefined) return outcome.report.log;
  const key = `${jobFolder(id, runId)}/${jobArtifacts.log}`;
  const keys = await store.list(key, signal);
  return keys.includes(key) ? { uri: artifactUri(key) } : undefined;
}
