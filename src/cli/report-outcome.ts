import type { ArtifactStore } from '../artifacts/store';
import type { FailureReport } from '../contracts/job';
import type { JobOutcome } from '../starter/outcome';
import { formatDuration, formatSize } from './durations';
import type { ExitCode } from './exit-codes';
import { killWords, logGapWords, remoteName, twinWords } from './job-words';
import type { Output } from './output';
import { outcomeCode } from './outcome-code';
import { count, printPreviews } from './preview';
import type { JobResult, ResultFolder, WrittenFile } from './result-folder';
import { renderTable } from './tables';
import { printable } from './text-width';

export interface EndedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly outcome: JobOutcome<JobResult>;
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
  const files = await writeFiles(run);
  output.json({
    event: run.event,
    id: workflowId,
    workflowId,
    runId,
    outcome: outcome.kind,
    exitCode,
    ...(outcome.kind === 'succeeded' && { result: outcome.result }),
    ...('message' in outcome && { message: outcome.message }),
    ...('type' in outcome && { type: outcome.type }),
    ...('report' in outcome && { report: outcome.report }),
    ...('kill' in outcome && { kill: outcome.kill }),
    ...(run.folder && { out: run.folder.path, files }),
  });
  switch (outcome.kind) {
    case 'succeeded':
      await tellSuccess(output, run, outcome.result, files);
      break;
    case 'cancelled':
      output.error(`The job was cancelled; ${killWords(outcome.kill)}.`);
      break;
    case 'terminated':
      output.error(`${sentence(printable(outcome.message))}.`);
      break;
    case 'failed':
    case 'deadline':
    case 'invalid':
      tellFailure(output, workflowId, outcome.message, outcome.report, files);
  }
  return exitCode;
}

async function writeFiles({ outcome, folder, store, signal }: EndedRun): Promise<WrittenFile[]> {
  if (folder === undefined) return [];
  if (outcome.kind === 'succeeded') return folder.writeResult(outcome.result, store, signal);
  const log = 'report' in outcome ? outcome.report?.log : undefined;
  if (log !== undefined) return folder.writeLog(log, store, signal);
  await folder.abandon();
  return [];
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
    output.say(`Get the files: remote-jobs results ${run.workflowId} --out DIR`);
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

function tellFailure(
  output: Output,
  workflowId: string,
  message: string,
  report: FailureReport | undefined,
  files: readonly WrittenFile[],
): void {
  output.error(sentence(printable(message)));
  const tail = report?.logTail?.trimEnd();
  if (tail) {
    output.say(output.talkColors.bold('The last lines of its log:'));
    for (const line of tail.split('\n')) {
      output.say(`  ${output.talkColors.dim(printable(line))}`);
    }
  }
  for (const words of logGapWords(report?.log ?? {})) output.warn(words);
  const [written] = files;
  if (written !== undefined) output.say(`The full log: ${output.shortPath(written.path)}`);
  else if (report?.log !== undefined) output.say(`The full log: remote-jobs logs ${workflowId}`);
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
