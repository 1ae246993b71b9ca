import {
  InputError,
  RemoteServiceError,
  TransportError,
  type CallPhase,
  type RequestSummary,
  type TransportErrorCode,
} from './errors';
import { redact } from './redaction';

export interface FailedCall {
  readonly endpoint: string;
  readonly request: RequestSummary;
  readonly phase: CallPhase;
  readonly secrets?: readonly string[];
}

const timeouts = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

/**
 * What went wrong below HTTP, in this package's words. The original error is dropped: undici's may
 * hold on to the request, and with it to the token.
 */
export function transportFailure(error: unknown, call: FailedCall): RemoteServiceError {
  // From reading an input file while it was sent.
  if (error instanceof RemoteServiceError) {
    return error instanceof InputError
      ? new InputError(error.field, error.message.slice(error.field.length + 1), call.endpoint)
      : error;
  }
  const reason = reasonOf(error);
  const code = codeOf(reason, call.phase);
  const text = redact(error instanceof Error ? error.message : String(error), call.secrets);
  return new TransportError({
    code,
    message: `${call.request.method} ${call.request.url} ${happened[code](call.phase)} (${reason}${text === '' || text.includes(reason) ? '' : `: ${text}`})`,
    endpoint: call.endpoint,
    sent: call.phase === 'connect' ? 'no' : 'maybe',
    phase: call.phase,
    reason,
    request: call.request,
  });
}

const happened: Readonly<Record<TransportErrorCode, (phase: CallPhase) => string>> = {
  'Transport.Connect': () => "can't connect",
  'Transport.Timeout': (phase) =>
    ({
      connect: 'took too long to connect',
      headers: 'took too long to answer',
      body: 'went silent in the middle of its answer',
    })[phase],
  'Transport.Reset': () => 'lost the connection before the answer',
  'Transport.TruncatedBody': () => 'broke off in the middle of its answer',
  'Transport.Protocol': () => "answered something that isn't HTTP",
  'Transport.Closed': () => 'was given up, for the client was closed',
};

function codeOf(reason: string, phase: CallPhase): TransportErrorCode {
  if (timeouts.has(reason)) return 'Transport.Timeout';
  if (reason === 'UND_ERR_DESTROYED' || reason === 'UND_ERR_CLOSED') return 'Transport.Closed';
  if (phase === 'connect') return 'Transport.Connect';
  if (phase === 'body') return 'Transport.TruncatedBody';
  // undici gives its parser's errors no code.
  return reason === 'HTTPParserError' ? 'Transport.Protocol' : 'Transport.Reset';
}

/** Several addresses tried (IPv6, IPv4) come as one AggregateError; the first tells enough. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code === 'string' && code !== '') return code;
  return error instanceof Error ? error.name : 'unknown';
}
