import type { RefreshOutcome } from './chain';
import { failureTypes } from './failure-types';
import { cutTexts } from './history-size';
import type { FailureReport } from './job';
import type { LinkisTaskResult } from './linkis';
import type { PipelineStepKind } from './pipeline-run';
import type { StepEnd, StepOutputs } from './pipeline-steps';
import type { SqlFlowJobResult } from './sqlflow';

/** Characters of one output. */
const mostCharacters = 2000;

/** What an approval step returns. */
export interface ApprovalResult {
  readonly approvedBy: string;
  /** Epoch milliseconds. */
  readonly approvedAtMs: number;
}

/** How a step ended that returned this. */
export function endedWith(kind: PipelineStepKind, result: unknown): StepEnd {
  switch (kind) {
    case 'linkis': {
      const { taskId, connection, status, results, log } = result as LinkisTaskResult;
      const [first] = results;
      return succeeded(taskId, {
        taskId,
        connection,
        status,
        resultSets: results.length,
        result: first?.uri,
        rows: first?.rows,
        log: log?.uri,
      });
    }
    case 'sqlflow': {
      const { jobId, jobName, connection, status, lineage } = result as SqlFlowJobResult;
      return succeeded(jobId, {
        jobId,
        jobName,
        connection,
        status,
        json: lineage.json?.uri,
        csv: lineage.csv?.uri,
        graphml: lineage.graphml?.uri,
      });
    }
    case 'chain': {
      const outcome = result as RefreshOutcome;
      const { jobId, end, generation, revision } = outcome;
      return succeeded(jobId, { jobId, end, generation, revision, result: outcome.result?.uri });
    }
    case 'approval': {
      const { approvedBy } = result as ApprovalResult;
      return succeeded(undefined, { approvedBy });
    }
  }
}

function succeeded(
  remoteId: string | undefined,
  outputs: Readonly<Record<string, string | number | boolean | undefined>>,
): StepEnd {
  const known = Object.entries(outputs).filter(([, value]) => value !== undefined);
  const kept = Object.fromEntries(known) as StepOutputs;
  return { standing: 'succeeded', remoteId, outputs: cutTexts(kept, mostCharacters) };
}

/** How a step ended whose workflow failed so. */
export function endedBy(type: string | undefined, message: string, detail: unknown): StepEnd {
  const report = detail as Partial<FailureReport> | null | undefined;
  return {
    standing: type === failureTypes.refreshCancelled ? 'cancelled' : 'failed',
    words: message.slice(0, 1000),
    failureType: type,
    remoteId: report?.remoteId,
    kill: report?.kill,
  };
}

/** No code of the step ran at its end, so nobody knows what became of its remote job. */
export function endedUnknown(words: string): StepEnd {
  return {
    standing: 'failed',
    words: `${words.slice(0, 300)}: its workflow was ended from outside, and its remote job may still run (remote-jobs orphans finds it)`,
  };
}
