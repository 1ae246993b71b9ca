import { workflowInfo } from '@temporalio/workflow';
import { defaultTimeoutMs, longestTimeoutMs } from '../../src/contracts/job';

/** What a kill and its proof may need at the worst, in milliseconds. */
const killReserveMs = 6 * 60_000;
/** Of a short time-out only this share is kept back: most kills take seconds. */
const reserveShare = 1 / 4;

/**
 * How long the job may take, in milliseconds: as long as the input says, but within what whoever
 * started the workflow allows it. Temporal's own time-outs end a workflow without running a line of
 * it, so the job is given up, and killed, before they do.
 *
 * A wrong input is refused by the first activity, with the other mistakes; but a time-out that the
 * server can't take would keep that activity, and so the workflow, from ever running.
 */
export function usableTimeoutMs(timeoutMs: number | undefined): number {
  const usable = Number.isFinite(timeoutMs) && Number(timeoutMs) > 0;
  const own = usable ? Math.min(Number(timeoutMs), longestTimeoutMs) : defaultTimeoutMs;
  const allowedMs = workflowMs();
  const reserveMs = Math.min(killReserveMs, allowedMs * reserveShare);
  return Math.min(own, Math.max(1000, allowedMs - reserveMs));
}

/** Until Temporal ends the workflow; unlimited where nobody set a time-out. */
function workflowMs(): number {
  const { runTimeoutMs, executionExpirationTime, runStartTime } = workflowInfo();
  // 0 stands for none, too.
  const runEndMs = runTimeoutMs ? runStartTime.getTime() + runTimeoutMs : Infinity;
  const endMs = Math.min(runEndMs, executionExpirationTime?.getTime() || Infinity);
  return endMs - Date.now();
}
