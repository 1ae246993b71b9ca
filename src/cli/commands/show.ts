import type { ApprovalResult } from '../../contracts/pipeline-ends';
import { pipelineWorkflowTypes } from '../../contracts/pipeline-run';
import { isOpen } from '../../contracts/workflow-status';
import { describeJob, queryJobState, type JobDescription } from '../../starter/describe';
import { awaitOutcome, type JobOutcome } from '../../starter/outcome';
import { outcomeWords } from '../chain-words';
import { command, jobArgument } from '../command';
import { formatDuration, formatSize, localTime } from '../durations';
import { exitCodes } from '../exit-codes';
import {
  approvalWords,
  decisionWords,
  killWords,
  logGapWords,
  outageWords,
  progressWords,
  remoteName,
  stageOf,
  troubleOf,
  twinWords,
} from '../job-words';
import type { Output } from '../output';
import { outcomeCode } from '../outcome-code';
import { count } from '../preview';
import { refuseChain } from '../not-a-chain';
import { isRefreshReturn, toldOf, type RefreshReturn } from '../refresh-result';
import { namedArtifacts, type JobResult } from '../result-folder';
import { showPipeline } from '../show-pipeline';
import { printable } from '../text-width';
import { missingWorker } from '../worker-watch';

export const show = command<object, [string]>({
  name: 'show',
  summary: 'everything that is known of a job or of a pipeline',
  arguments: [jobArgument],
  output: ['job', 'pipeline'],
  examples: ['remote-jobs show sqlflowJob/orders/1f0c2d3e'],
  run: async (session, _options, id) => {
    const client = await session.client();
    const job = await describeJob(client, id);
    refuseChain(job, '`remote-jobs chain show CHAIN` tells everything of it');
    if (job.workflowType === pipelineWorkflowTypes.pipeline) return showPipeline(session, job);
    const outcome = isOpen(job.status)
      ? undefined
      : await awaitOutcome<JobResult | RefreshReturn>(client, id, job.runId);
    const [state, missing] = await Promise.all([
      queryJobState(client, id, 3_000).catch(() => undefined),
      job.waitsForWorker ? missingWorker(client, job.taskQueue) : undefined,
    ]);
    const { output } = session;
    output.json({ id, ...job, stage: stageOf(job), state, outcome });
    for (const [name, value] of facts(job, outcome, missing)) {
      output.print(`${output.colors.dim(name.padEnd(12))} ${value}`);
    }
    if (outcome !== undefined) printOutcome(output, outcome);
    return exitCodes.done;
  },
});

function facts(
  description: JobDescription,
  outcome: JobOutcome<JobResult | RefreshReturn> | undefined,
  missing: string | undefined,
): [string, string][] {
  const { job, refresh } = description;
  // What a closed workflow left pending says nothing any more.
  const isRunning = isOpen(description.status);
  const progress = isRunning ? description.progress : undefined;
  const endMs = description.closedAt?.getTime() ?? Date.now();
  const found: [string, string | undefined][] = [
    ['id', description.workflowId],
    ['run', description.runId],
    ['kind', description.workflowType],
    ['status', statusWords(description, outcome)],
    ['chain', refresh && `${refresh.chain} on connection ${refresh.connection}`],
    ['refresh', refresh?.workflowId !== description.workflowId ? refresh?.workflowId : undefined],
    ['remote job', job?.remoteId && remoteName(job.vendor, job.remoteId)],
    ['connection', job?.connection],
    ['decision', job?.decision && decisionWords[job.decision]],
    ['key', job?.key],
    ...(job?.failedBefore ?? []).map(
      ({ remoteId, status, errorCode, errorMessage }, index): [string, string] => [
        index === 0 ? 'before' : '',
        [`${remoteId} ${status}`, errorCode, errorMessage].filter(Boolean).join(' '),
      ],
    ),
    ...(job?.twins ?? []).map((twin): [string, string] => ['twin', twinWords(twin)]),
    ['progress', progress && progressWords(progress).join(' · ')],
    ['service', progress && outageWords(progress)],
    ['approval', refresh?.approval && approvalWords(refresh.approval)],
    ['trouble', isRunning ? (missing ?? troubleOf(description)) : undefined],
    ['started', localTime(description.startedAt)],
    ['ended', description.closedAt && localTime(description.closedAt)],
    ['took', formatDuration(endMs - description.startedAt.getTime())],
    ['kill', job?.kill && killWords(job.kill)],
    ['task queue', description.taskQueue],
    ['history', count(description.historyEvents, 'event')],
  ];
  return found.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, printable(value)]],
  );
}

function statusWords(
  description: JobDescription,
  outcome: JobOutcome<JobResult | RefreshReturn> | undefined,
): string {
  if (outcome === undefined) return `running (${stageOf(description)})`;
  if (outcome.kind === 'succeeded') {
    const { result } = outcome;
    if (isApproved(result)) return `approved by ${result.approvedBy}`;
    return `succeeded (${isRefreshReturn(result) ? toldOf(result).end : result.status})`;
  }
  return `${outcome.kind} (exit code ${outcomeCode(outcome)})`;
}

function printOutcome(output: Output, outcome: JobOutcome<JobResult | RefreshReturn>): void {
  const { dim } = output.colors;
  if (outcome.kind === 'succeeded') return printResult(output, outcome.result);
  if ('message' in outcome)
    output.print(`${dim('message'.padEnd(12))} ${printable(outcome.message)}`);
  const report = 'report' in outcome ? outcome.report : undefined;
  for (const words of logGapWords(report?.log ?? {})) {
    output.print(`${dim('warning'.padEnd(12))} ${words}`);
  }
  const tail = report?.logTail?.trimEnd();
  if (tail) {
    output.print(dim('the last lines of its log:'));
    for (const line of tail.split('\n')) output.print(`  ${printable(line)}`);
  }
}

function printResult(output: Output, result: JobResult | RefreshReturn): void {
  const say = (name: string, words: string) =>
    output.print(`${output.colors.dim(name.padEnd(12))} ${words}`);
  if (isApproved(result)) return;
  if (isRefreshReturn(result)) say('outcome', outcomeWords(toldOf(result)));
  else {
    for (const [name, ref] of namedArtifacts(result)) {
      const rows = ref.rows === undefined ? '' : `, ${count(ref.rows, 'row')}`;
      say('artifact', `${name} (${formatSize(ref.sizeBytes)}${rows})`);
    }
  }
  for (const warning of result.warnings) say('warning', printable(warning));
}

/** Of a pipeline's step that asks. */
function isApproved(result: unknown): result is ApprovalResult {
  return typeof result === 'object' && result !== null && 'approvedBy' in result;
}
