import type { Client } from '@temporalio/client';
import type { JobDescription } from '../../starter/describe';

const earlierRuns = 5;
const withinMs = 3_000;
/** The time that Temporal appends to the ids of a schedule's runs. */
const scheduledTime = /-\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/**
 * How long earlier runs of the same job took: the median of the last few that succeeded. Same are
 * those whose ids differ in their last part only, as ids do that nobody chose. One cheap call; what
 * goes wrong with it is no matter.
 *
 * @returns milliseconds; undefined where there is no such run
 */
export async function usualDurationMs(
  client: Client,
  { workflowId, workflowType }: Pick<JobDescription, 'workflowId' | 'workflowType'>,
): Promise<number | undefined> {
  const same = sameIds(workflowId);
  if (same === undefined) return undefined;
  const query = `WorkflowType = '${workflowType}' AND ExecutionStatus = 'Completed' AND WorkflowId STARTS_WITH '${same}'`;
  const tookMs: number[] = [];
  try {
    await client.withDeadline(Date.now() + withinMs, async () => {
      for await (const found of client.workflow.list({ query, pageSize: earlierRuns })) {
        if (found.closeTime) tookMs.push(found.closeTime.getTime() - found.startTime.getTime());
        if (tookMs.length >= earlierRuns) break;
      }
    });
  } catch {
    return undefined;
  }
  return tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length / 2)];
}

/** What the ids of all runs of the same begin with; undefined where somebody chose the id. */
function sameIds(workflowId: string): string | undefined {
  if (/["'\\]/.test(workflowId)) return undefined;
  if (scheduledTime.test(workflowId)) return workflowId.replace(scheduledTime, '-');
  const at = workflowId.lastIndexOf('/');
  return at <= 0 ? undefined : workflowId.slice(0, at + 1);
}
