import type * as Exporter from '@opentelemetry/exporter-trace-otlp-http';
import type * as Resources from '@opentelemetry/resources';
import type * as Sdk from '@opentelemetry/sdk-trace-node';
import { ConfigurationError } from '../../config/errors';
import { openTelemetry, optionalPeer } from './api';
import { Tracing } from './tracing';

type Environment = Readonly<Record<string, string | undefined>>;

/** Traces of a process that has no OpenTelemetry of its own, and what sends the last of them. */
export interface StartedTracing {
  readonly tracing: Tracing;
  /** Never throws. */
  close(): Promise<void>;
}

/** A collector that is away must not hold a command for longer. */
const lastSpansWithinMs = 3_000;

/** Whether the standard variables ask for traces. */
export function wantsTraces(env: Environment): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false;
  const exporter = env['OTEL_TRACES_EXPORTER'];
  if (exporter !== undefined && exporter !== '') return exporter !== 'none';
  return Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']);
}

/**
 * Sets OpenTelemetry up for the whole process, as the standard `OTEL_*` variables say, and sends spans
 * by OTLP over HTTP.
 *
 * @throws ConfigurationError where they ask for what isn't there
 */
export function startTracing(env: Environment): StartedTracing {
  const exporter = env['OTEL_TRACES_EXPORTER'] || 'otlp';
  if (exporter !== 'otlp') {
    throw new ConfigurationError([
      `OTEL_TRACES_EXPORTER is ${JSON.stringify(exporter)}: otlp and none are known`,
    ]);
  }
  const protocol =
    env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL'] || 'http/json';
  if (protocol === 'grpc') {
    throw new ConfigurationError([
      "OTEL_EXPORTER_OTLP_PROTOCOL is grpc: spans are sent by http/json; name the collector's HTTP port (4318, usually)",
    ]);
  }
  const api = openTelemetry();
  const { NodeTracerProvider, BatchSpanProcessor } = optionalPeer<typeof Sdk>(
    '@opentelemetry/sdk-trace-node',
  );
  const { OTLPTraceExporter } = optionalPeer<typeof Exporter>(
    '@opentelemetry/exporter-trace-otlp-http',
  );
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = optionalPeer<
    typeof Resources
  >('@opentelemetry/resources');
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'remote-jobs' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  return {
    tracing: new Tracing(),
    close: async () => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, lastSpansWithinMs).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      api.trace.disable();
      api.context.disable();
      api.propagation.disable();
    },
  };
}
