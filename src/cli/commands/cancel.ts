import { pipelineWorkflowTypes } from '../../contracts/pipeline-run';
import { shellWord } from '../../contracts/words';
import { isOpen } from '../../contracts/workflow-status';
import { requestCancel } from '../../starter/cancel';
import { describeJob, type JobDescription } from '../../starter/describe';
import type { JobOutcome } from '../../starter/outcome';
import { command, jobArgument } from '../command';
import { CommandError } from '../errors';
import { exitCodes, type ExitCode } from '../exit-codes';
import { followToEnd } from '../follow-to-end';
import { Interrupts } from '../interrupts';
import { killWords } from '../job-words';
import { refuseChain } from '../not-a-chain';
import type { RefreshReturn } from '../refresh-result';
import type { JobResult } from '../result-folder';
import type { Session } from '../session';
import { printable } from '../text-width';

export const cancel = command<object, [string]>({
  name: 'cancel',
  summary: 'cancel a job, and prove that its remote job has ended',
  description: `Cancels a job and waits for the proof that the remote job has ended.
  confirmed        the service took the kill, and its record is terminal after it
  unconfirmed      a kill was sent, but the proof is missing (exit code 5)
  alreadyFinished  it had ended by itself
  removed          SQLFlow has no kill: the job was deleted
  abandoned        by policy nothing was sent; a persist job runs on
  nothingToKill    the service has no such job
A pipeline's cancel reaches every remote job of its steps; \`ID/STEP\` cancels one step.
Of a chain's refresh the request is taken back: one that waits never begins; the chain and its job stay.`,
  arguments: [{ ...jobArgument, choose: 'runningJob' }],
  output: ['cancelled'],
  examples: ['remote-jobs cancel linkisTask/spark-2.4.3-sql/1f0c2d3e'],
  run: async (session, _options, id) => {
    const client = await session.client();
    const job = await describeJob(client, id);
    refuseChain(
      job,
      '`remote-jobs chain forget CHAIN --force` ends it and takes back what it does',
    );
    if (!isOpen(job.status)) return alreadyClosed(session, job);
    const interrupts = new Interrupts(session.context);
    const { output, context } = session;
    try {
      // A pipeline goes on as new: its latest run is meant, whichever that is by then.
      const isPipeline = job.workflowType === pipelineWorkflowTypes.pipeline;
      const runId = isPipeline ? undefined : job.runId;
      await requestCancel(client, id, runId);
      const end = await followToEnd<JobResult | RefreshReturn>(
        { client, workflowId: id, runId },
        { context, output, interrupts, onInterrupt: 'detach', workerWithinMs: 60_000 },
      );
      if (end.kind === 'closed') return tellCancelled(session, id, end.outcome);
      if (end.kind === 'noWorker') {
        throw new CommandError(
          exitCodes.unreachable,
          `The cancel is recorded, but nobody carries it out: ${end.words}.`,
        );
      }
      throw new CommandError(
        exitCodes.unknown,
        `Left before the kill was proven; \`remote-jobs show ${shellWord(id)}\` tells what became of it.`,
      );
    } finally {
      interrupts.close();
    }
  },
});

function alreadyClosed({ output }: Session, job: JobDescription): ExitCode {
  const { workflowId, runId, status } = job;
  const kill = job.job?.kill ?? job.pipeline?.kill;
  output.json({
    id: workflowId,
    workflowId,
    runId,
    outcome: 'alreadyClosed',
    status,
    kill,
    exitCode: exitCodes.done,
  });
  const told = kill === undefined ? '' : `; ${killWords(kill)}`;
  output.say(`${workflowId} had ended already as ${status.toLowerCase()}${told}.`);
  return exitCodes.done;
}

function tellCancelled(
  { output }: Session,
  workflowId: string,
  outcome: JobOutcome<JobResult | RefreshReturn>,
): ExitCode {
  const kill =
    outcome.kind === 'cancelled'
      ? outcome.kill
      : 'report' in outcome
        ? outcome.report?.kill
        : undefined;
  const exitCode = kill?.outcome === 'unconfirmed' ? exitCodes.unknown : exitCodes.done;
  output.json({ id: workflowId, workflowId, outcome: outcome.kind, kill, exitCode });
  if (outcome.kind === 'succeeded') {
    output.say('It succeeded before the cancel reached it; nothing was killed.');
  }
  output.print(kill === undefined ? outcome.kind : `${kill.outcome}: ${printable(kill.evidence)}`);
  if (exitCode === exitCodes.unknown) {
    output.say('Whether its remote job still runs: remote-jobs orphans');
  }
  return exitCode;
}
