import { pipelineWorkflowTypes } from '../../contracts/pipeline-run';
import type { PipelineResult } from '../../contracts/pipeline-steps';
import type { JobOutcome } from '../../starter/outcome';
import { describeJob } from '../../starter/describe';
import { command, jobArgument } from '../command';
import { exitCodes } from '../exit-codes';
import { followToEnd } from '../follow-to-end';
import { Interrupts } from '../interrupts';
import { keepsLog, stageOf } from '../job-words';
import { refuseChain } from '../not-a-chain';
import { endedStanding, type RefreshReturn } from '../refresh-result';
import { reportPipeline } from '../report-pipeline';
import { reportOutcome } from '../report-outcome';
import type { JobResult } from '../result-folder';

export const watch = command<object, [string]>({
  name: 'watch',
  summary: 'follow a job or a pipeline to its end',
  description: `Follows a job that runs already. Ctrl-C only stops the watching.
The exit code is the job's own: 0 when it succeeded, 1 when it failed, and so on.`,
  arguments: [{ ...jobArgument, choose: 'runningJob' }],
  output: ['jobEvent', 'ended', 'pipelineEnded'],
  examples: ['remote-jobs watch linkisTask/spark-2.4.3-sql/1f0c2d3e'],
  run: async (session, _options, id) => {
    const { context, output } = session;
    const interrupts = new Interrupts(context);
    try {
      const client = await session.client();
      const { artifacts: store } = await session.settings();
      const found = await describeJob(client, id);
      refuseChain(found, '`remote-jobs chain show CHAIN` tells what is under way');
      const { runId, workflowType } = found;
      const isPipeline = workflowType === pipelineWorkflowTypes.pipeline;
      let seen = '';
      const end = await followToEnd<JobResult | RefreshReturn | PipelineResult>(
        {
          client,
          workflowId: id,
          runId: isPipeline ? undefined : runId,
          logs: keepsLog(found) ? store : undefined,
        },
        {
          context,
          output,
          interrupts,
          onInterrupt: 'detach',
          tailLines: 8,
          onLook: (job) => {
            const { progress, activity, status } = job;
            const event = { event: 'job', id, status, stage: stageOf(job), progress, activity };
            if (JSON.stringify(event) === seen) return;
            seen = JSON.stringify(event);
            output.json(event);
          },
        },
      );
      if (end.kind !== 'closed') {
        output.say('Stopped watching; the job runs on.');
        return exitCodes.done;
      }
      if (isPipeline) {
        const outcome = end.outcome as JobOutcome<PipelineResult>;
        return reportPipeline(output, { workflowId: id, outcome, event: 'ended' });
      }
      const outcome = end.outcome as JobOutcome<JobResult | RefreshReturn>;
      return await reportOutcome(output, {
        workflowId: id,
        runId,
        outcome,
        ...(await endedStanding(session, { client, workflowId: id, runId }, outcome)),
        store,
        attached: workflowType.endsWith('Attach'),
        told: [],
        event: 'ended',
        signal: new AbortController().signal,
      });
    } finally {
      interrupts.close();
    }
  },
});
