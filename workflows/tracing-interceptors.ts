/**
 * Hands the trace that a workflow was started in on to its activities and children. Bundled only by
 * a worker that traces. Nothing of it is in the history but the header, which no replay compares.
 */
import {
  ContinueAsNew,
  isCancellation,
  proxySinks,
  workflowInfo,
  type ActivityInput,
  type ContinueAsNewInput,
  type LocalActivityInput,
  type Next,
  type Sinks,
  type StartChildWorkflowExecutionInput,
  type WorkflowExecuteInput,
  type WorkflowInboundCallsInterceptor,
  type WorkflowInterceptors,
  type WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { traceHeader, traceSink, type TracedWorkflow } from '../src/contracts/tracing';

interface TraceSinks extends Sinks {
  readonly [traceSink]: { ended(workflow: TracedWorkflow): void };
}

/** It lives for years: a trace of whoever asked first would never end. */
const entity = 'sqlflowPersistChain';

class TracePassing implements WorkflowInboundCallsInterceptor, WorkflowOutboundCallsInterceptor {
  private parent: WorkflowExecuteInput['headers'][string] | undefined;

  async execute(
    input: WorkflowExecuteInput,
    next: Next<WorkflowInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    const { workflowType } = workflowInfo();
    this.parent = workflowType === entity ? undefined : input.headers[traceHeader];
    if (this.parent === undefined) return next(input);
    try {
      const result = await next(input);
      this.tell('succeeded');
      return result;
    } catch (error) {
      if (error instanceof ContinueAsNew) this.tell('continuedAsNew');
      else this.tell(isCancellation(error) ? 'cancelled' : 'failed');
      throw error;
    }
  }

  scheduleActivity(
    input: ActivityInput,
    next: Next<WorkflowOutboundCallsInterceptor, 'scheduleActivity'>,
  ): Promise<unknown> {
    return next({ ...input, headers: this.with(input.headers) });
  }

  scheduleLocalActivity(
    input: LocalActivityInput,
    next: Next<WorkflowOutboundCallsInterceptor, 'scheduleLocalActivity'>,
  ): Promise<unknown> {
    return next({ ...input, headers: this.with(input.headers) });
  }

  startChildWorkflowExecution(
    input: StartChildWorkflowExecutionInput,
    next: Next<WorkflowOutboundCallsInterceptor, 'startChildWorkflowExecution'>,
  ): Promise<[Promise<string>, Promise<unknown>]> {
    return next({ ...input, headers: this.with(input.headers) });
  }

  continueAsNew(
    input: ContinueAsNewInput,
    next: Next<WorkflowOutboundCallsInterceptor, 'continueAsNew'>,
  ): Promise<never> {
    return next({ ...input, headers: this.with(input.headers) });
  }

  private with<Headers extends object>(headers: Headers): Headers {
    return this.parent === undefined ? headers : { ...headers, [traceHeader]: this.parent };
  }

  private tell(end: TracedWorkflow['end']): void {
    const { workflowType, workflowId, runId, startTime } = workflowInfo();
    proxySinks<TraceSinks>()[traceSink].ended({
      parent: this.parent,
      workflowType,
      workflowId,
      runId,
      startedAtMs: startTime.getTime(),
      endedAtMs: Date.now(),
      end,
    });
  }
}

export const interceptors = (): WorkflowInterceptors => {
  const passing = new TracePassing();
  return { inbound: [passing], outbound: [passing] };
};
