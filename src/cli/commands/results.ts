import path from 'node:path';
import { Option } from 'commander';
import { pipelineWorkflowTypes } from '../../contracts/pipeline-run';
import type { PipelineResult } from '../../contracts/pipeline-steps';
import { shellWord } from '../../contracts/words';
import { isOpen } from '../../contracts/workflow-status';
import { describeJob } from '../../starter/describe';
import { awaitOutcome, type JobOutcome } from '../../starter/outcome';
import { command, jobArgument } from '../command';
import { usageError } from '../errors';
import { refuseChain } from '../not-a-chain';
import { pipelineResults } from '../pipeline-results';
import { endedStanding, type RefreshReturn } from '../refresh-result';
import { reportOutcome } from '../report-outcome';
import { ResultFolder, type JobResult } from '../result-folder';

export const results = command<{ out?: string }, [string]>({
  name: 'results',
  summary: "get a finished job's files",
  description: `Copies what a finished job left: result.json, lineage.json, lineage.csv, lineage.graphml,
results/0.csv, …, log.txt; of a chain's refresh diff.json, diff.md and lineage.html too, and of one
that its gate stopped all but result.json. Without --out it shows the beginning of each table.
Of a pipeline's run it makes a folder for each step. The exit code is the job's own.`,
  arguments: [{ ...jobArgument, choose: 'endedJob' }],
  options: [new Option('--out <DIR>', 'the folder to put them in')],
  output: ['ended', 'pipelineEnded'],
  examples: ['remote-jobs results linkisTask/spark-2.4.3-sql/1f0c2d3e --out task'],
  run: async (session, { out }, id) => {
    const { context, output } = session;
    if (out?.trim() === '') throw usageError('--out is blank; name a folder.');
    const client = await session.client();
    const { artifacts: store } = await session.settings();
    const found = await describeJob(client, id);
    refuseChain(found, '`remote-jobs chain history CHAIN` tells its refreshes');
    const { runId, status, workflowType } = found;
    if (isOpen(status)) {
      throw usageError(
        `${id} is still running: \`remote-jobs watch ${shellWord(id)}\` follows it.`,
      );
    }
    if (found.step?.kind === 'approval') throw usageError('An approval leaves no files.');
    const outcome = await awaitOutcome<JobResult | RefreshReturn>(client, id, runId);
    const folder =
      out === undefined ? undefined : await ResultFolder.prepare(path.resolve(context.cwd, out));
    try {
      if (workflowType === pipelineWorkflowTypes.pipeline) {
        const ended = outcome as JobOutcome<unknown> as JobOutcome<PipelineResult>;
        return await pipelineResults(session, id, ended, folder);
      }
      return await reportOutcome(output, {
        workflowId: id,
        runId,
        outcome,
        ...(await endedStanding(session, { client, workflowId: id, runId }, outcome)),
        store,
        folder,
        attached: workflowType.endsWith('Attach'),
        told: [],
        signal: new AbortController().signal,
      });
    } finally {
      await folder?.abandon();
    }
  },
});
