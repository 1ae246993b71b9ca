import type { PipelineState } from '../contracts/pipeline-run';
import type { JobDescription } from '../starter/describe';
import { pipelineState } from '../starter/pipelines';
import { formatDuration, localTime } from './durations';
import { exitCodes, type ExitCode } from './exit-codes';
import { killWords } from './job-words';
import { shellWord } from '../contracts/words';
import { isOpen } from '../contracts/workflow-status';
import { count } from './preview';
import type { Session } from './session';
import { renderTable } from './tables';
import { printableLine } from './text-width';

const answerWithinMs = 10_000;

/** Everything that is known of a pipeline's run: what the server has of it, and each step as the run tells it. */
export async function showPipeline(session: Session, run: JobDescription): Promise<ExitCode> {
  const { output } = session;
  const client = await session.client();
  const state = await pipelineState(client, run.workflowId, { withinMs: answerWithinMs }).catch(
    () => undefined,
  );
  output.json({ id: run.workflowId, ...run, state });
  for (const [name, value] of facts(run, state)) {
    output.print(`${output.colors.dim(name.padEnd(12))} ${value}`);
  }
  if (state === undefined) {
    output.warn('No worker answered how the steps stand: is one running on its task queue?');
    return exitCodes.done;
  }
  output.print('');
  output.print(
    renderTable({
      columns: ['step', 'kind', 'standing', 'remote id', 'took', ''],
      rows: state.steps.map((step) => [
        step.name,
        step.kind,
        step.standing === 'leftOut' ? 'left out' : step.standing,
        step.remoteId ?? '',
        tookWords(step),
        printableLine(
          [
            step.attempts === undefined ? '' : `attempt ${step.attempts}`,
            step.kill === undefined ? '' : killWords(step.kill),
            step.words ?? '',
            step.standing === 'reused' ? `from ${step.workflowId}` : '',
          ]
            .filter((words) => words !== '')
            .join(' · '),
        ),
      ]),
      width: output.columns,
      uncut: [0, 1, 2, 3, 4],
      heading: output.colors.dim,
    }),
  );
  if (!isOpen(run.status) && run.status !== 'COMPLETED') {
    output.say(
      `Run again what failed or was skipped: remote-jobs pipeline retry ${shellWord(run.workflowId)}`,
    );
  }
  return exitCodes.done;
}

function facts(run: JobDescription, state: PipelineState | undefined): [string, string][] {
  const endMs = run.closedAt?.getTime() ?? Date.now();
  const startedAtMs = state?.startedAtMs ?? run.startedAt.getTime();
  const found: [string, string | undefined][] = [
    ['id', run.workflowId],
    ['pipeline', run.pipeline?.name],
    ['status', state?.standing ?? run.status.toLowerCase()],
    ['steps', run.pipeline && String(run.pipeline.steps)],
    ['retries', run.pipeline?.retryOf],
    ['started', localTime(new Date(startedAtMs))],
    ['ended', run.closedAt && localTime(run.closedAt)],
    ['took', formatDuration(endMs - startedAtMs)],
    ['kill', run.pipeline?.kill && killWords(run.pipeline.kill)],
    ['task queue', run.taskQueue],
    ['history', count(run.historyEvents, 'event')],
  ];
  return found.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, printableLine(value)]],
  );
}

function tookWords({ startedAtMs, endedAtMs }: PipelineState['steps'][number]): string {
  return startedAtMs === undefined ? '' : formatDuration((endedAtMs ?? Date.now()) - startedAtMs);
}
