import type * as Api from '@opentelemetry/api';
import { ConfigurationError } from '../../config/errors';

export type OpenTelemetry = typeof Api;

/**
 * The optional peer, of which the process has one.
 *
 * @throws ConfigurationError where it isn't installed
 */
export function openTelemetry(): OpenTelemetry {
  return optionalPeer<OpenTelemetry>('@opentelemetry/api');
}

/** @throws ConfigurationError where it isn't installed */
export function optionalPeer<Module>(name: string): Module {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only where traces are asked for, and before anything awaits
    return require(name) as Module;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new ConfigurationError([
      `Traces are asked for, and ${name} is not installed: run \`npm install @opentelemetry/api@1 @opentelemetry/resources@2 @opentelemetry/sdk-trace-node@2 @opentelemetry/exporter-trace-otlp-http@0.223\`, or leave the OTEL_ variables and the plugin's "tracing" out.`,
    ]);
  }
}
