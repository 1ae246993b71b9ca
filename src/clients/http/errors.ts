/**
 * Whether a failed call can have taken effect on the service: `no` where it was refused or never
 * left, `maybe` where it is out of sight. A submit that failed with `maybe` must be looked for
 * before it is sent again.
 */
export type Sent = 'no' | 'maybe';

/** A call without a single value of its fields, so that it can stand in any log. */
export interface RequestSummary {
  readonly method: string;
  /** Without query and credentials. */
  readonly url: string;
  /** Names of the query's and the body's fields. */
  readonly fields: readonly string[];
}

/**
 * The base of every error that a client of this package throws, an abort apart: that rethrows the
 * signal's own reason. No error holds a header, a field's value or a cause that does.
 */
export abstract class RemoteServiceError extends Error {
  /** Stable; what programs match on. */
  abstract readonly code: string;
  abstract readonly sent: Sent;

  protected constructor(
    message: string,
    /** `METHOD /path`, the base URL left out; absent where the mistake lies before any call. */
    readonly endpoint?: string,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** Where a call was when it failed; `headers` runs from the request's first byte to the answer's headers. */
export type CallPhase = 'connect' | 'headers' | 'body';

/**
 * How a call failed below the service: it couldn't be connected to, took too long, or the
 * connection broke.
 */
export type TransportErrorCode =
  | 'Transport.Connect'
  | 'Transport.Timeout'
  | 'Transport.Reset'
  | 'Transport.TruncatedBody'
  | 'Transport.Protocol'
  | 'Transport.Closed';

/** The service couldn't be reached, or the connection broke. Worth a retry. */
export class TransportError extends RemoteServiceError {
  readonly code: TransportErrorCode;
  readonly sent: Sent;
  readonly phase: CallPhase;
  /** The system's code: `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`, `UND_ERR_SOCKET`, … */
  readonly reason: string;
  readonly request: RequestSummary;

  constructor(details: {
    readonly code: TransportErrorCode;
    readonly message: string;
    readonly endpoint: string;
    readonly sent: Sent;
    readonly phase: CallPhase;
    readonly reason: string;
    readonly request: RequestSummary;
  }) {
    super(details.message, details.endpoint);
    this.code = details.code;
    this.sent = details.sent;
    this.phase = details.phase;
    this.reason = details.reason;
    this.request = details.request;
  }
}

/** The service, or a proxy before it, answered with an HTTP status other than 2xx. */
export class HttpError extends RemoteServiceError {
  readonly code: string;
  readonly sent: Sent;
  readonly status: number;
  /** At most 300 characters, redacted; empty where it said nothing. */
  readonly serviceMessage: string;
  /** From `Retry-After`, as a span from now. */
  readonly retryAfterMs?: number;
  readonly request: RequestSummary;

  constructor(details: {
    readonly endpoint: string;
    readonly status: number;
    readonly serviceMessage: string;
    readonly retryAfterMs?: number;
    readonly request: RequestSummary;
    /** A sentence for the user, put at the end. */
    readonly advice?: string;
  }) {
    const said = details.serviceMessage === '' ? '' : `: ${details.serviceMessage}`;
    const advice = details.advice === undefined ? '' : ` (${details.advice})`;
    super(
      `${details.request.method} ${details.request.url} answered HTTP ${details.status}${said}${advice}`,
      details.endpoint,
    );
    this.code = `Http.${details.status}`;
    this.status = details.status;
    this.sent = details.status >= 500 || details.status === 408 ? 'maybe' : 'no';
    this.serviceMessage = details.serviceMessage;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    this.request = details.request;
  }
}

/**
 * What a service means by a refusal.
 *
 * - `auth`: the credential isn't accepted. - `licence`: the plan or licence doesn't allow it.
 * - `busy`: try later. - `notFound`: it doesn't know the thing. - `refused`: it won't, as asked.
 * - `server`: it failed by itself.
 */
export type VendorErrorKind = 'auth' | 'licence' | 'busy' | 'notFound' | 'refused' | 'server';

const vendorCodes: Readonly<Record<VendorErrorKind, string>> = {
  auth: 'Vendor.Auth',
  licence: 'Vendor.Licence',
  busy: 'Vendor.Busy',
  notFound: 'Vendor.NotFound',
  refused: 'Vendor.Refused',
  server: 'Vendor.Server',
};

/** The service said no inside its own envelope, whatever the HTTP status. */
export class VendorError extends RemoteServiceError {
  readonly code: string;
  readonly sent: Sent;
  readonly kind: VendorErrorKind;
  /** As the service spells it, a number or a text. */
  readonly vendorCode: string | number;
  /** At most 300 characters, redacted. */
  readonly serviceMessage: string;
  readonly httpStatus: number;

  constructor(details: {
    readonly endpoint: string;
    readonly kind: VendorErrorKind;
    readonly vendorCode: string | number;
    readonly serviceMessage: string;
    readonly httpStatus: number;
    /** A sentence for the user, put at the end. */
    readonly advice?: string;
  }) {
    const said = details.serviceMessage === '' ? '' : `: ${details.serviceMessage}`;
    const advice = details.advice === undefined ? '' : ` (${details.advice})`;
    super(
      `${details.endpoint} was refused with code ${details.vendorCode}${said}${advice}`,
      details.endpoint,
    );
    this.code = vendorCodes[details.kind];
    this.kind = details.kind;
    this.sent = details.kind === 'server' || details.kind === 'busy' ? 'maybe' : 'no';
    this.vendorCode = details.vendorCode;
    this.serviceMessage = details.serviceMessage;
    this.httpStatus = details.httpStatus;
  }
}

/** An answer has a shape that this package can't read. */
export class WireError extends RemoteServiceError {
  readonly code = 'Wire.UnexpectedShape';
  readonly sent = 'maybe';
  /** `data.jobDetails[3].jobId`; `body` for the answer as a whole. */
  readonly field: string;
  readonly expected: string;
  /** The kind of value, never the value: it might be a secret. */
  readonly found: string;

  constructor(details: {
    readonly endpoint: string;
    readonly field: string;
    readonly expected: string;
    readonly found: string;
  }) {
    super(
      `${details.endpoint} answered with an unexpected shape: ${details.field} should be ${details.expected}, but is ${details.found}`,
      details.endpoint,
    );
    this.field = details.field;
    this.expected = details.expected;
    this.found = details.found;
  }
}

/** The caller's mistake, found before anything was sent. */
export class InputError extends RemoteServiceError {
  readonly code = 'Input.Invalid';
  readonly sent = 'no';

  constructor(
    readonly field: string,
    /** What is wrong and what to do; must not hold a secret. */
    problem: string,
    endpoint?: string,
  ) {
    super(`${field} ${problem}`, endpoint);
  }
}

/** What arrived is not the whole: cut off, withheld, or only a summary. A retry gets the same. */
export class IncompleteError extends RemoteServiceError {
  readonly code = 'Result.Incomplete';
  readonly sent = 'maybe';

  constructor(
    /** `SqlFlow.SummaryOnly`, `Linkis.DisplayProhibited`, `Http.BodyTooLarge`, … */
    readonly reason: string,
    message: string,
    endpoint?: string,
  ) {
    super(message, endpoint);
  }
}
