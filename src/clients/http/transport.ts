import type { IncomingHttpHeaders } from 'node:http';
import { PassThrough, finished, type Readable } from 'node:stream';
import { Pool, buildConnector } from 'undici';
import { IncompleteError, InputError, type CallPhase, type RequestSummary } from './errors';
import { ByteSink } from '../byte-sink';
import { encodeBody, fieldNames, type CallBody, type FieldValue } from './body';
import { abortable } from './abortable';
import type { Admission, CallPriority } from './admission';
import { endpointName, type CallObserver } from './call-observer';
import { retryAfterMs } from './service-words';
import { transportFailure } from './transport-failure';

export interface HttpTransportOptions {
  /** `http` or `https`, a path prefix included; slashes at the end don't matter. */
  readonly baseUrl: string;
  /** DNS, TCP and TLS together. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** From the request's end to the answer's headers; during an upload, without any byte taken. @default 60_000 */
  readonly headersTimeoutMs?: number;
  /** Idle time between two chunks of an answer. @default 60_000 */
  readonly bodyTimeoutMs?: number;
  /** Limit for answers that are read into memory; streams have none. @default 64 MiB */
  readonly maxBodyBytes?: number;
  /** Connections to the service at a time; further calls wait their turn. @default 32 */
  readonly maxConnections?: number;
  /** Decides when a call may be sent. @default at once */
  readonly admission?: Admission;
  /** Looks on at every call. @default nobody */
  readonly observer?: CallObserver;
}

export interface HttpCall {
  readonly method: 'GET' | 'POST';
  /** Appended to the base URL; begins with a slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, FieldValue>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: CallBody;
  readonly signal: AbortSignal;
  /** For this call, in place of the transport's. */
  readonly headersTimeoutMs?: number;
  /** Values that must not stand in any error of this call. */
  readonly secrets?: readonly string[];
  /** Whom the call goes before, and whom it gives way to. @default 'foreground' */
  readonly priority?: CallPriority;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Lower case, without parameters; empty where there is none. */
  readonly contentType: string;
  /** `METHOD /path`, as errors name it. */
  readonly endpoint: string;
  readonly request: RequestSummary;
}

export interface TextResponse extends Answer {
  readonly text: string;
}

export interface BytesResponse extends Answer {
  readonly bytes: Uint8Array;
}

export interface StreamResponse extends Answer {
  /** Fails with a TransportError where it breaks off; destroy it to give the answer up. */
  readonly body: Readable;
}

const mebibyte = 1024 * 1024;

/**
 * HTTP to one service. It never retries, never follows redirects and never logs; any HTTP status
 * is an answer, not an error.
 */
export class HttpTransport {
  readonly #pool: Pool;
  /** Without a slash at the end. */
  readonly #base: string;
  readonly #maxBodyBytes: number;
  readonly #host: string;
  readonly #admission: Admission | undefined;
  readonly #observer: CallObserver | undefined;
  /** Errors of the connector: nothing of the request had left when they came up. */
  readonly #connectErrors = new WeakSet<Error>();

  constructor(options: HttpTransportOptions) {
    const base = parseBaseUrl(options.baseUrl);
    this.#base = base.href.replace(/\/+$/, '');
    this.#maxBodyBytes = options.maxBodyBytes ?? 64 * mebibyte;
    this.#host = base.host;
    this.#admission = options.admission;
    this.#observer = options.observer;
    const connect = buildConnector({ timeout: options.connectTimeoutMs ?? 10_000 });
    this.#pool = new Pool(base.origin, {
      connections: options.maxConnections ?? 32,
      headersTimeout: options.headersTimeoutMs ?? 60_000,
      bodyTimeout: options.bodyTimeoutMs ?? 60_000,
      connect: (target, callback) =>
        connect(target, (error, socket) => {
          if (error === null) return callback(null, socket);
          this.#connectErrors.add(error);
          callback(error, null);
        }),
    });
  }

  /**
   * The whole answer as UTF-8 text.
   *
   * @throws TransportError, IncompleteError (`Http.BodyTooLarge`), or the signal's reason
   */
  async text(call: HttpCall): Promise<TextResponse> {
    const { bytes, ...answer } = await this.bytes(call);
    return { ...answer, text: new TextDecoder().decode(bytes) };
  }

  /**
   * The whole answer as bytes, which nobody else holds.
   *
   * @param memory takes them, in place of what it held
   * @throws TransportError, IncompleteError (`Http.BodyTooLarge`), or the signal's reason
   */
  async bytes(call: HttpCall, memory = new ByteSink(0)): Promise<BytesResponse> {
    const { body, ...answer } = await this.stream(call);
    memory.clear();
    const announced = Number(answer.headers['content-length']);
    if (announced <= this.#maxBodyBytes) memory.reserve(announced);
    await readBytes(body, this.#maxBodyBytes, answer.endpoint, memory);
    return { ...answer, bytes: memory.written() };
  }

  /**
   * The answer as soon as its headers are there.
   *
   * @throws TransportError, or the signal's reason
   */
  async stream(call: HttpCall): Promise<StreamResponse> {
    call.signal.throwIfAborted();
    const endpoint = `${call.method} ${call.path}`;
    const url = this.#url(call);
    const request: RequestSummary = {
      method: call.method,
      url: `${url.origin}${url.pathname}`,
      fields: [...url.searchParams.keys(), ...fieldNames(call.body)],
    };
    const failure = (error: unknown, phase: CallPhase): unknown =>
      call.signal.aborted
        ? call.signal.reason
        : transportFailure(error, {
            endpoint,
            request,
            phase: this.#connectErrors.has(error as Error) ? 'connect' : phase,
            secrets: call.secrets ?? [],
          });
    const { priority = 'foreground' } = call;
    // Before the call is let in: one that can't be encoded is none, and nobody would hear of its end.
    const { headers: bodyHeaders, content } = encodeBody(call.body);
    await this.#admission?.admit(priority, call.signal);
    const { method } = call;
    const watched = this.#observer?.began({
      method,
      endpoint: endpointName(call.path),
      host: this.#host,
      priority,
    });
    const sending = this.#pool.request({
      method,
      path: `${url.pathname}${url.search}`,
      headers: { ...watched?.headers, ...bodyHeaders, ...call.headers },
      body: content,
      signal: call.signal,
      ...(call.headersTimeoutMs === undefined ? {} : { headersTimeout: call.headersTimeoutMs }),
    });
    // undici notices an abort only once it has a connection; a caller must not wait for that.
    const answer = await abortable(sending, call.signal).catch((error: unknown) => {
      this.#admission?.failed(priority);
      const failed = failure(error, 'headers');
      const { code = 'unknown' } = failed as { code?: string };
      watched?.ended(call.signal.aborted ? { kind: 'aborted' } : { kind: 'failed', code });
      throw failed;
    });
    const retryAfter = [answer.headers['retry-after']].flat()[0];
    this.#admission?.answered(priority, answer.statusCode, retryAfterMs(retryAfter));
    watched?.ended({ kind: 'answered', status: answer.statusCode });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      contentType: mediaType(answer.headers['content-type']),
      endpoint,
      request,
      body: guarded(answer.body, (error) => failure(error, 'body')),
    };
  }

  /** Calls still under way fail with `Transport.Closed`. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #url(call: HttpCall): URL {
    const url = new URL(`${this.#base}${call.path}`);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.append(name, String(value));
    }
    return url;
  }
}

/** @throws IncompleteError beyond `maxBytes` */
async function readBytes(
  body: Readable,
  maxBytes: number,
  endpoint: string,
  memory: ByteSink,
): Promise<void> {
  for await (const chunk of body) {
    memory.append(chunk as Buffer);
    if (memory.length <= maxBytes) continue;
    throw new IncompleteError(
      'Http.BodyTooLarge',
      `${endpoint} answered with more than the ${maxBytes} bytes that maxBodyBytes allows`,
      endpoint,
    );
  }
}

/** The same bytes, with failures in this package's words. Destroying it gives the answer up. */
function guarded(source: Readable, failure: (error: unknown) => unknown): Readable {
  const body = new PassThrough({
    destroy(error, done) {
      source.destroy();
      done(error);
    },
  });
  // An answer that nobody reads yet may break too; that must not end the process.
  body.on('error', () => undefined);
  finished(source, { writable: false }, (error) => {
    if (error) body.destroy(failure(error) as Error);
  });
  return source.pipe(body);
}

function mediaType(header: string | string[] | undefined): string {
  const first = Array.isArray(header) ? header[0] : header;
  return first?.split(';')[0]?.trim().toLowerCase() ?? '';
}

function parseBaseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new InputError('baseUrl', 'is not a URL; it looks like http://host:port/prefix');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new InputError('baseUrl', `must begin with http:// or https://, not ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new InputError('baseUrl', 'must not hold a user or a password; give them as credential');
  }
  if (url.search !== '' || url.hash !== '') {
    throw new InputError(
      'baseUrl',
      `must end with its path, without "${url.search === '' ? '#' : '?'}"`,
    );
  }
  return url;
}
