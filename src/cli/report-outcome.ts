import type { ArtifactStore } from '../artifacts/store';
import { revisionArtifacts, revisionFolder } from '../contracts/chain';
import type { FailureReport, KillReport } from '../contracts/job';
import { shellWord } from '../contracts/words';
import type { RefreshStanding } from '../starter/refresh-standing';
import type { JobOutcome } from '../starter/outcome';
import { formatDuration, formatSize } from './durations';
import { exitCodes, type ExitCode } from './exit-codes';
import { killWords, logGapWords, remoteName, sentence, twinWords } from './job-words';
import type { Output } from './output';
import { outcomeCode } from './outcome-code';
import { count, printPreviews } from './preview';
import {
  isRefreshReturn,
  leftFiles,
  revisionFiles,
  revisionOf,
  type RefreshReturn,
} from './refresh-result';
import { tellRefresh, type EndedRefresh } from './report-refresh';
import type { JobResult, ResultFolder, WrittenFile } from './result-folder';
import { renderTable } from './tables';
import { printable } from './text-width';

export interface EndedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly outcome: JobOutcome<JobResult | RefreshReturn>;
  /** Of a chain's refresh. */
  readonly refresh?: RefreshStanding;
  /** The revision that a refresh filled before it failed. @default none */
  readonly leftRevision?: number;
  /** Whether the chain has a good revision to compare that one with. */
  readonly hasLatest?: boolean;
  /** ` --connection NAME`, where a chain's name alone is not enough. @default none */
  readonly onConnection?: string;
  readonly store: ArtifactStore;
  readonly folder?: ResultFolder;
  /** The job was somebody else's. */
  readonly attached: boolean;
  /** Warnings that were told already. */
  readonly told: readonly string[];
  /** Between the fields of a CSV export. @default ',' */
  readonly separator?: string;
  readonly signal: AbortSignal;
  /** Marks the JSON document as the last of several events. */
  readonly event?: 'ended';
}

/** Writes what a job left, tells how it ended, and answers the exit code. */
export async function reportOutcome(output: Output, run: EndedRun): Promise<ExitCode> {
  const { workflowId, runId, outcome } = run;
  const exitCode = outcomeCode(outcome, run.attached);
  const refreshed =
    outcome.kind === 'succeeded' && isRefreshReturn(outcome.result)
      ? {
          result: outcome.result,
          standing: run.refresh,
          revision: await revisionOf(outcome.result, run.refresh, run),
        }
      : undefined;
  const files = await writeFiles(run, refreshed);
  output.json({
    event: run.event,
    id: workflowId,
    workflowId,
    runId,
    outcome: outcome.kind,
    exitCode,
    ...(outcome.kind === 'succeeded' && { result: outcome.result }),
    ...(refreshed?.revision && { revision: refreshed.revision }),
    ...('message' in outcome && { message: outcome.message }),
    ...('type' in outcome && { type: outcome.type }),
    ...('report' in outcome && { report: outcome.report }),
    ...('kill' in outcome && { kill: outcome.kill }),
    ...(run.folder && { out: run.folder.path, files }),
  });
  switch (outcome.kind) {
    case 'succeeded':
      if (refreshed !== undefined) tellRefreshed(output, run, refreshed, files);
      else await tellSuccess(output, run, outcome.result as JobResult, files);
      break;
    case 'cancelled':
      output.error(cancelledWords(run, outcome.kill));
      sayNext(output, run, exitCode);
      break;
    case 'terminated':
      output.error(`${sentence(printable(outcome.message))}.`);
      sayNext(output, run, exitCode);
      break;
    case 'failed':
    case 'deadline':
    case 'invalid':
      await tellFailure(output, run, outcome.message, outcome.report, files);
      sayNext(output, run, exitCode);
  }
  return exitCode;
}

/** What a person does about it. */
function sayNext(output: Output, { workflowId }: EndedRun, exitCode: ExitCode): void {
  if (exitCode === exitCodes.unreachable) {
    output.say('What is reachable, and what is not: remote-jobs doctor');
  } else if (exitCode === exitCodes.unknown) {
    output.say('Whether its remote job still runs: remote-jobs orphans');
  }
  output.say(`Everything about it: remote-jobs show ${shellWord(workflowId)}`);
}

async function writeFiles(
  { outcome, folder, store, signal, refresh, leftRevision }: EndedRun,
  refreshed: EndedRefresh | undefined,
): Promise<WrittenFile[]> {
  if (folder === undefined) return [];
  if (refreshed !== undefined) {
    const { revision } = refreshed;
    if (revision !== undefined) return folder.write(revisionFiles(revision), store, signal);
  } else if (outcome.kind === 'succeeded') {
    return folder.writeResult(outcome.result as JobResult, store, signal);
  }
  const log = 'report' in outcome ? outcome.report?.log : undefined;
  if (log !== undefined) return folder.writeLog(log, store, signal);
  if (refresh !== undefined && leftRevision !== undefined) {
    return folder.write(await leftFiles(store, refresh, leftRevision, signal), store, signal);
  }
  await folder.abandon();
  return [];
}

function cancelledWords({ refresh }: EndedRun, kill: KillReport | undefined): string {
  if (refresh === undefined) return `The job was cancelled; ${killWords(kill)}.`;
  const what = kill === undefined ? 'nothing had been sent' : printable(kill.evidence);
  return `The refresh was cancelled, and chain ${refresh.chain} stays: ${what.replace(/\.$/, '')}.`;
}

function tellRefreshed(
  output: Output,
  run: EndedRun,
  refreshed: EndedRefresh,
  files: readonly WrittenFile[],
): void {
  tellRefresh(output, refreshed, run);
  if (run.folder !== undefined) printFiles(output, files);
  else if (refreshed.revision !== undefined) {
    output.say(`Get the files: remote-jobs results ${shellWord(run.workflowId)} --out DIR`);
  }
}

async function tellSuccess(
  output: Output,
  run: EndedRun,
  result: JobResult,
  files: readonly WrittenFile[],
): Promise<void> {
  for (const warning of result.warnings) {
    if (!run.told.includes(warning)) output.warn(printable(warning));
  }
  for (const twin of result.twins ?? []) {
    output.warn(`the submit had made another job, after its reply was lost: ${twinWords(twin)}`);
  }
  for (const { remoteId, status } of result.failedBefore ?? []) {
    output.say(`${remoteName(result.vendor, remoteId)} ended as ${status} and was submitted again`);
  }
  const id = result.vendor === 'sqlflow' ? result.jobId : result.taskId;
  const took = formatDuration(result.endedAtMs - result.submittedAtMs);
  const done = output.talkColors.green('✔');
  output.say(`${done} ${remoteName(result.vendor, id)}: ${result.status} after ${took}`);
  if (result.vendor === 'sqlflow' && result.status === 'partial_success') {
    output.warn(
      'some files could not be parsed, so their lineage is missing; the JSON export names them',
    );
  }
  if (run.folder === undefined) {
    await printPreviews(output, result, run.store, run.separator, run.signal);
    output.say(`Get the files: remote-jobs results ${shellWord(run.workflowId)} --out DIR`);
    return;
  }
  printFiles(output, files);
}

export function printFiles(output: Output, files: readonly WrittenFile[]): void {
  const rows = files.map(({ path: file, sizeBytes, rows: tableRows }) => [
    output.shortPath(file),
    formatSize(sizeBytes),
    tableRows === undefined ? '' : count(tableRows, 'row'),
  ]);
  output.print(renderTable({ columns: ['file', 'size', ''], rows, heading: output.colors.dim }));
}

async function tellFailure(
  output: Output,
  run: EndedRun,
  message: string,
  report: FailureReport | undefined,
  files: readonly WrittenFile[],
): Promise<void> {
  const { workflowId, refresh } = run;
  output.error(sentence(printable(message)));
  const tail = report?.logTail?.trimEnd();
  if (tail) {
    output.say(output.talkColors.bold('The last lines of its log:'));
    for (const line of tail.split('\n')) {
      output.say(`  ${output.talkColors.dim(printable(line))}`);
    }
  }
  for (const words of logGapWords(report?.log ?? {})) output.warn(words);
  const look = await leftWords(run);
  if (look !== undefined) output.say(look);
  const [written] = files;
  if (refresh !== undefined && written !== undefined) {
    output.say('What the refresh left, to be looked at:');
    return printFiles(output, files);
  }
  if (written !== undefined) output.say(`The full log: ${output.shortPath(written.path)}`);
  else if (report?.log !== undefined)
    output.say(`The full log: remote-jobs logs ${shellWord(workflowId)}`);
}

/** How to look at the lineage that a refresh has left; undefined where it has left none. */
async function leftWords({
  refresh,
  leftRevision,
  hasLatest = false,
  onConnection = '',
  store,
  signal,
}: EndedRun): Promise<string | undefined> {
  if (refresh === undefined || leftRevision === undefined) return undefined;
  const { chain, connection } = refresh;
  const folder = revisionFolder(connection, chain, leftRevision);
  const left = await store.find(`${folder}/${revisionArtifacts.json}`, 'json', signal);
  if (left === undefined) return undefined;
  return hasLatest
    ? `What changed: remote-jobs lineage diff ${chain} ${chain}@${leftRevision}${onConnection}`
    : `What it saw: remote-jobs lineage show ${chain}@${leftRevision}${onConnection}`;
}
