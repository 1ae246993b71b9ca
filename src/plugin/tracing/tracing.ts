import type { Context, Span, SpanOptions } from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { CallObserver, CallUnderWay } from '../../clients/http/call-observer';
import { watchTaskQueue, type Vendor } from '../../contracts/names';
import { traceHeader, traceSink, type TracedWorkflow } from '../../contracts/tracing';
import { openTelemetry, type OpenTelemetry } from './api';

type Headers = Readonly<Record<string, Payload>>;

const unobserved: CallUnderWay = { ended: () => undefined };
const mostCharacters = 300;

/**
 * Spans of what the package does, by the process's own OpenTelemetry: nothing is recorded where the
 * application has set up none. No span holds an input, a result or a secret.
 */
export class Tracing {
  private readonly api: OpenTelemetry;
  /** Stands in the context of an activity that waits for a job's end. */
  private readonly waiting: symbol;

  /** @throws ConfigurationError without `@opentelemetry/api` */
  constructor() {
    this.api = openTelemetry();
    this.waiting = this.api.createContextKey('temporal-remote-jobs waits');
  }

  /** Runs something in a span of its own; what it calls is below it. */
  inSpan<Value>(name: string, options: SpanOptions, run: () => Promise<Value>): Promise<Value> {
    return this.within(this.api.context.active(), name, options, run);
  }

  /** For a client of workflows: a start, a signal and an update carry the trace. */
  get client(): WorkflowClientInterceptor {
    const { CLIENT } = this.api.SpanKind;
    const sent = <Input extends { readonly headers: Headers }, Value>(
      name: string,
      workflowId: string | undefined,
      input: Input,
      next: (input: Input) => Promise<Value>,
    ): Promise<Value> => {
      const attributes = { 'temporal.workflow_id': workflowId };
      return this.inSpan(name, { kind: CLIENT, attributes }, () =>
        next({ ...input, headers: { ...input.headers, ...this.header() } }),
      );
    };
    return {
      startWithDetails: (input, next) =>
        sent(`start ${input.workflowType}`, input.options.workflowId, input, next),
      signalWithStart: (input, next) =>
        sent(`start ${input.workflowType}`, input.options.workflowId, input, next),
      signal: (input, next) =>
        sent(`signal ${input.signalName}`, input.workflowExecution.workflowId, input, next),
      startUpdate: (input, next) =>
        sent(`update ${input.updateName}`, input.workflowExecution.workflowId, input, next),
    };
  }

  /**
   * For a worker: an attempt of an activity is a span, below the one that its workflow was started in.
   * What a waiting one calls is none: it looks at its job several times a second, for days.
   */
  get activity(): ActivityInterceptorsFactory {
    return ({ info }) => ({
      inbound: {
        execute: (input, next) => {
          const { workflowExecution, activityType, attempt, taskQueue } = info;
          const attributes = {
            'temporal.activity_type': activityType,
            'temporal.attempt': attempt,
            'temporal.workflow_id': workflowExecution?.workflowId,
            'temporal.run_id': workflowExecution?.runId,
          };
          const below = this.contextOf(input.headers[traceHeader]);
          const waits = taskQueue.endsWith(watchTaskQueue(''));
          const parent = waits ? below.setValue(this.waiting, true) : below;
          return this.within(parent, `activity ${activityType}`, { attributes }, () => next(input));
        },
      },
    });
  }

  /** For a worker: a workflow is a span once it has ended, beside its activities. */
  get sinks(): InjectedSinks<{ [traceSink]: { ended(workflow: TracedWorkflow): void } }> {
    return {
      [traceSink]: {
        ended: {
          callDuringReplay: false,
          fn: (_info, { parent, workflowType, startedAtMs, endedAtMs, end, ...ids }) => {
            const attributes = {
              'temporal.workflow_type': workflowType,
              'temporal.workflow_id': ids.workflowId,
              'temporal.run_id': ids.runId,
              'remote_jobs.end': end,
            };
            const options = { startTime: startedAtMs, attributes };
            const context = this.contextOf(parent as Payload | undefined);
            const span = this.tracer.startSpan(`workflow ${workflowType}`, options, context);
            if (end === 'failed') span.setStatus({ code: this.api.SpanStatusCode.ERROR });
            span.end(endedAtMs);
          },
        },
      },
    };
  }

  /**
   * For a connection: a call that belongs to an activity is a span, and carries `traceparent`. Looks
   * at waiting jobs are none: many jobs share them, or one job has any number of them.
   */
  calls(vendor: Vendor, connection: string): CallObserver {
    const { context, propagation, trace, SpanKind, SpanStatusCode } = this.api;
    return {
      began: ({ method, endpoint, host, priority }) => {
        const above = trace.getActiveSpan();
        if (priority === 'background' || above?.isRecording() !== true) return unobserved;
        if (context.active().getValue(this.waiting) === true) return unobserved;
        const attributes = {
          'http.request.method': method,
          'url.template': endpoint,
          'server.address': host,
          'remote_jobs.vendor': vendor,
          'remote_jobs.connection': connection,
        };
        const span = this.tracer.startSpan(`${method} ${endpoint}`, {
          kind: SpanKind.CLIENT,
          attributes,
        });
        const headers: Record<string, string> = {};
        propagation.inject(trace.setSpan(context.active(), span), headers);
        return {
          headers,
          ended: (end) => {
            if (end.kind === 'answered') {
              span.setAttribute('http.response.status_code', end.status);
              if (end.status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
            } else {
              const message = end.kind === 'failed' ? end.code : 'given up';
              span.setStatus({ code: SpanStatusCode.ERROR, message });
            }
            span.end();
          },
        };
      },
    };
  }

  private get tracer() {
    return this.api.trace.getTracer('temporal-remote-jobs');
  }

  /** The active span as a Temporal header; none where nothing is recorded. */
  private header(): Record<string, Payload> {
    const carrier: Record<string, string> = {};
    this.api.propagation.inject(this.api.context.active(), carrier);
    if (Object.keys(carrier).length === 0) return {};
    return { [traceHeader]: defaultPayloadConverter.toPayload(carrier) };
  }

  private contextOf(header: Payload | undefined): Context {
    const { propagation, ROOT_CONTEXT } = this.api;
    if (header === undefined) return ROOT_CONTEXT;
    try {
      return propagation.extract(ROOT_CONTEXT, defaultPayloadConverter.fromPayload(header));
    } catch {
      // Of somebody else's making; a trace is no reason to fail a job.
      return ROOT_CONTEXT;
    }
  }

  private within<Value>(
    parent: Context,
    name: string,
    options: SpanOptions,
    run: () => Promise<Value>,
  ): Promise<Value> {
    return this.tracer.startActiveSpan(name, options, parent, async (span: Span) => {
      try {
        return await run();
      } catch (error) {
        // The message may be long, and is in the history; its type tells what happened.
        const { type, name: errorName } = error as { type?: string; name?: string };
        const message = String(type ?? errorName ?? 'error').slice(0, mostCharacters);
        span.setStatus({ code: this.api.SpanStatusCode.ERROR, message });
        throw error;
      } finally {
        span.end();
      }
    });
  }
}
