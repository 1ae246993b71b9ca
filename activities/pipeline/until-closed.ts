import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';

/** `HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT` */
const closeEvent = 2;
/** gRPC's `NOT_FOUND` */
const notFound = 5;

interface Run {
  readonly workflowId: string;
  /** @default the latest one */
  readonly runId?: string;
}

/**
 * Waits until a workflow has closed for good, and answers its last run; undefined where the signal
 * came first. A worker's client hears of no signal, and the SDK's own `result()` asks on for ever:
 * here each call lasts for some twenty seconds, and none follows an abort.
 *
 * @throws WorkflowNotFoundError
 */
export async function untilClosed(
  client: Client,
  { workflowId, runId: first }: Run,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { namespace } = client.options;
  let runId = first;
  let nextPageToken: Uint8Array | undefined;
  while (!signal.aborted) {
    const { history, nextPageToken: next } = await client.workflowService
      .getWorkflowExecutionHistory({
        namespace,
        execution: { workflowId, runId },
        waitNewEvent: true,
        historyEventFilterType: closeEvent,
        nextPageToken,
      })
      .catch((error: unknown) => {
        const isGone = isGrpcServiceError(error) && Number(error.code) === notFound;
        if (!isGone) throw error;
        throw new WorkflowNotFoundError('it is not known', workflowId, runId);
      });
    const [close] = history?.events ?? [];
    if (close === undefined) {
      nextPageToken = next ?? undefined;
      continue;
    }
    const newRunId = close.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    if (!newRunId) return runId ?? '';
    runId = newRunId;
    nextPageToken = undefined;
  }
  return undefined;
}
