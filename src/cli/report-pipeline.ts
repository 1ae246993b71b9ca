import type { PipelineFailureReport, PipelineResult } from '../contracts/pipeline-steps';
import type { JobOutcome } from '../starter/outcome';
import { formatDuration } from './durations';
import type { ExitCode } from './exit-codes';
import { killWords } from './job-words';
import { shellWord } from '../contracts/words';
import type { Output } from './output';
import { outcomeCode } from './outcome-code';
import { count } from './preview';
import { printable, printableLine } from './text-width';

export interface EndedPipeline {
  readonly workflowId: string;
  readonly outcome: JobOutcome<PipelineResult>;
  /** Marks the JSON document as the last of several events. */
  readonly event?: 'ended';
}

const shownFailures = 10;

/** Tells how a pipeline's run ended, which steps failed, and what to do next. */
export function reportPipeline(output: Output, run: EndedPipeline): ExitCode {
  const { workflowId, outcome, event } = run;
  const exitCode = outcomeCode(outcome);
  const told = resultOf(outcome);
  output.json({
    event,
    id: workflowId,
    workflowId,
    outcome: outcome.kind,
    exitCode,
    result: told,
    ...('message' in outcome && { message: outcome.message }),
    ...('type' in outcome && { type: outcome.type }),
    ...('kill' in outcome && { kill: outcome.kill }),
  });
  if (told !== undefined) output.print(countWords(told));
  for (const { step, words } of told?.failed.slice(0, shownFailures) ?? []) {
    output.say(`  ${output.talkColors.red('✖')} ${printableLine(step)}: ${printableLine(words)}`);
  }
  const more = (told?.failed.length ?? 0) - shownFailures;
  if (more > 0) output.say(`  … and ${count(more, 'more step')}`);
  if (outcome.kind === 'succeeded') return exitCode;
  if (outcome.kind === 'cancelled') {
    const { kill } = outcome;
    // Steps may have ended before, so that something was submitted all the same.
    const proof = kill === undefined ? 'no remote job was under way' : killWords(kill);
    output.error(`The pipeline was cancelled; ${proof}.`);
  } else output.error(failureWords(outcome.message, told));
  output.say(
    `Run again what failed or was skipped: remote-jobs pipeline retry ${shellWord(workflowId)}`,
  );
  return exitCode;
}

/** The message names the first step that failed, which stands above already. */
function failureWords(message: string, told: PipelineResult | undefined): string {
  const [first] = told?.failed ?? [];
  const at = first === undefined ? -1 : message.indexOf(`: ${first.step}: `);
  return at < 0 ? printable(message) : `${printable(message.slice(0, at))}.`;
}

function resultOf(outcome: JobOutcome<PipelineResult>): PipelineResult | undefined {
  if (outcome.kind === 'succeeded') return outcome.result;
  const report: unknown = 'report' in outcome ? outcome.report : undefined;
  return (report as PipelineFailureReport | undefined)?.pipeline;
}

/** `nightly: 12 succeeded, 1 failed, 3 skipped after 4:12` */
function countWords({ pipeline, counts, startedAtMs, endedAtMs }: PipelineResult): string {
  const parts = Object.entries(counts)
    .filter(([, steps]) => steps > 0)
    .map(([standing, steps]) => `${steps} ${standing === 'leftOut' ? 'left out' : standing}`);
  return `${printableLine(pipeline)}: ${parts.join(', ')} after ${formatDuration(endedAtMs - startedAtMs)}`;
}
