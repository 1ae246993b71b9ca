import { EventEmitter, once, setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Delays } from '../delays';
import {
  BodyTooLargeError,
  isMultipart,
  MalformedBodyError,
  readBody,
  type ReceivedBody,
} from './body';
import type { LocalReply, LocalRequest } from './exchange';
import type { FaultAction, FaultOutcome } from './fault-actions';
import type { FaultScript } from './fault';
import { FaultPlan, type DueFault } from './faults';
import { send, statusOf } from './reply';
import { decodeSegment, RouteTable, type Route } from './routes';

export type { Handler, LocalReply, LocalRequest, ReceivedFile } from './exchange';
export type { Route } from './routes';

/**
 * How long a connection stays open without a request. After Node's five seconds a test that was
 * stopped for a while would send its next request on one that is just being closed.
 */
const keepsIdleMs = 60_000;

export interface LocalServiceOptions {
  readonly routes: readonly Route[];
  /** 0 takes any free one. @default 0 */
  readonly port?: number;
  /** Address to listen on. Whoever reaches it can use the service. @default '127.0.0.1' */
  readonly host?: string;
  /** @default no faults */
  readonly faults?: FaultScript;
  /** Further words for `do:` in fault scripts. @default none */
  readonly faultActions?: Readonly<Record<string, FaultAction>>;
  /** How this vendor says an error inside HTTP 200. */
  readonly envelopeFault: (code: number | string, message: string) => LocalReply;
  /** How this vendor says that the token or session has expired; it may also forget the session. */
  readonly tokenFault: (request: LocalRequest) => LocalReply;
  /** For a path that no route has (`allowedMethods` is empty) or not with this method. */
  readonly notFound: (request: LocalRequest, allowedMethods: readonly string[]) => LocalReply;
  /** Larger bodies get HTTP 413. @default 512 MiB */
  readonly maxBodyBytes?: number;
}

/** What became of one call. */
export interface CallRecord {
  /** The route's name; `(none)` where no route matched. */
  readonly endpoint: string;
  readonly method: string;
  readonly path: string;
  /** When it came in, in epoch milliseconds. */
  readonly atMs: number;
  /** HTTP status of the answer; 0 when the connection ended without one. */
  readonly status: number;
  /** The `do:` of the scripted fault that hit it. */
  readonly fault?: string;
  /** Id of the job or task that the call made, though its reply was lost or comes late. */
  readonly madeJob?: string;
}

type Found = ReturnType<RouteTable['find']>;

/** A stand-in that runs for days must not grow without end. */
const maxCallRecords = 100_000;

const loopback = '127.0.0.1';

/** An HTTP service with routes, spooled uploads and scripted faults. */
export class LocalService {
  /** The last 100,000 calls at least, oldest first, in the order in which they were answered. */
  readonly calls: CallRecord[] = [];
  readonly #server: Server;
  readonly #options: LocalServiceOptions;
  readonly #routes: RouteTable;
  readonly #spoolDir: string;
  readonly #closing = new AbortController();
  /** Says an endpoint's name whenever a call of it has taken effect. */
  readonly #effects = new EventEmitter().setMaxListeners(0);
  readonly #delays = new Delays();
  #faults: FaultPlan;
  #requests = 0;
  #port = 0;

  private constructor(options: LocalServiceOptions, spoolDir: string, faults: FaultPlan) {
    this.#options = options;
    this.#routes = new RouteTable(options.routes);
    this.#spoolDir = spoolDir;
    this.#faults = faults;
    setMaxListeners(0, this.#closing.signal); // one for every call that is being delayed
    this.#server = createServer((incoming, outgoing) => void this.#answer(incoming, outgoing));
    this.#server.keepAliveTimeout = keepsIdleMs;
  }

  /**
   * @throws FaultScriptError when `faults` can't be followed
   * @throws Error when the port is taken, or the host isn't this machine's
   */
  static async start(options: LocalServiceOptions): Promise<LocalService> {
    const faults = planFaults(options, options.faults);
    const spoolDir = await mkdtemp(path.join(tmpdir(), 'local-service-'));
    const service = new LocalService(options, spoolDir, faults);
    try {
      service.#server.listen(options.port ?? 0, options.host ?? loopback);
      await once(service.#server, 'listening');
      service.#port = (service.#server.address() as AddressInfo).port;
    } catch (error) {
      await rm(spoolDir, { recursive: true, force: true });
      throw listenError(error as NodeJS.ErrnoException, options);
    }
    return service;
  }

  /** It stays known after close, as does {@link url}. */
  get port(): number {
    return this.#port;
  }

  /** Without a path and a slash at its end; where it listens on all addresses, that of loopback. */
  get url(): string {
    const { host = loopback } = this.#options;
    const named = host === '0.0.0.0' ? loopback : host === '::' ? '::1' : host;
    return `http://${named.includes(':') ? `[${named}]` : named}:${this.port}`;
  }

  /** The names that fault scripts and call records use, each once. */
  get endpoints(): readonly string[] {
    return endpointsOf(this.#options);
  }

  /** Replaces the script and starts counting calls from 1 again; undefined ends all faults. */
  setFaults(script: FaultScript | undefined): void {
    this.#faults = planFaults(this.#options, script);
  }

  /** Calls that a fault holds now, by its `delayMs` or `afterMs`; they are among `calls` once they are answered. */
  get heldCalls(): number {
    return this.#delays.count;
  }

  /** Lets the calls go on that are held now. */
  endDelays(): void {
    this.#delays.end();
  }

  /** Breaks open connections, aborts the requests' signals and removes the spooled files. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    await rm(this.#spoolDir, { recursive: true, force: true, maxRetries: 3 });
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const atMs = Date.now();
    const { method, rawPath } = addressOf(incoming);
    const found = this.#routes.find(method, rawPath);
    const endpoint = 'route' in found ? found.route.endpoint : '(none)';
    const due = this.#faults.next(endpoint);
    const spoolDir = path.join(this.#spoolDir, String((this.#requests += 1)));
    const gone = new AbortController();
    outgoing.on('error', () => gone.abort());
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) gone.abort();
    });
    const record: { -readonly [Key in keyof CallRecord]: CallRecord[Key] } = {
      endpoint,
      method,
      path: decodeSegment(rawPath),
      atMs,
      status: 0,
      ...(due && { fault: due.fault.do ?? 'none' }),
    };
    let outcome: FaultOutcome;
    try {
      const body = await readBody(incoming, spoolDir, this.#options.maxBodyBytes ?? 512 * 2 ** 20);
      const params = 'route' in found ? found.params : {};
      const request = requestFrom(incoming, body, params, gone.signal);
      const effect = this.#effectOf(request, found, (job) => (record.madeJob = job));
      outcome = await this.#outcome(request, effect, due);
    } catch (error) {
      outcome = errorReply(error);
    }
    // Recorded before it is sent, so that whoever has the answer finds it among the calls.
    record.status = outgoing.destroyed ? 0 : statusOf(outcome);
    this.calls.push(record);
    if (this.calls.length > 1.1 * maxCallRecords) this.calls.splice(0, 0.1 * maxCallRecords);
    await send(outgoing, outcome).catch(() => outgoing.destroy());
    if ('broken' in outcome) await outcome.later?.catch(() => undefined);
    if (isMultipart(incoming)) await rm(spoolDir, { recursive: true, force: true, maxRetries: 3 });
  }

  /** What the call does, once, however often it's asked for. */
  #effectOf(
    request: LocalRequest,
    found: Found,
    made: (job: string) => void,
  ): () => Promise<LocalReply> {
    let reply: Promise<LocalReply> | undefined;
    const handle = async () => {
      if (!('route' in found)) return this.#options.notFound(request, found.allowedMethods);
      const answer = await found.route.handler(request);
      if (answer.madeJob !== undefined) made(answer.madeJob);
      this.#effects.emit(found.route.endpoint);
      return answer;
    };
    return () => (reply ??= handle());
  }

  async #outcome(
    request: LocalRequest,
    effect: () => Promise<LocalReply>,
    due: DueFault | undefined,
  ): Promise<FaultOutcome> {
    if (due === undefined) return effect();
    const { fault, action, memory } = due;
    const { signal } = this.#closing;
    const pause = (timeMs: number) => this.#delays.during((pass) => pass(timeMs, signal));
    if (fault.when === 'after') await effect();
    // Goes on when the client has gone: a late request that still takes effect is a fault to test.
    if (fault.delayMs !== undefined) await pause(fault.delayMs);
    const { envelopeFault, tokenFault } = this.#options;
    return action.apply({
      request,
      fault,
      effect,
      memory,
      pause,
      nextEffect: async (endpoint) => void (await once(this.#effects, endpoint, { signal })),
      envelopeFault,
      tokenFault,
    });
  }
}

function listenError(error: NodeJS.ErrnoException, options: LocalServiceOptions): Error {
  const { host = loopback, port = 0 } = options;
  if (error.code === 'EADDRINUSE')
    return new Error(`Port ${port} on ${host} is taken; name another one.`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new Error(`${host} is no address of this machine: name one, or 0.0.0.0 for all.`);
  return error;
}

function planFaults(options: LocalServiceOptions, script: FaultScript = { faults: [] }): FaultPlan {
  return new FaultPlan(script, {
    endpoints: endpointsOf(options),
    actions: options.faultActions ?? {},
  });
}

function endpointsOf({ routes }: LocalServiceOptions): readonly string[] {
  return [...new Set(routes.map((route) => route.endpoint))];
}

function addressOf(incoming: IncomingMessage) {
  const [rawPath = '/', ...rest] = (incoming.url ?? '/').split('?');
  return { method: incoming.method ?? 'GET', rawPath, rawQuery: rest.join('?') };
}

function requestFrom(
  incoming: IncomingMessage,
  body: ReceivedBody,
  params: Record<string, string>,
  signal: AbortSignal,
): LocalRequest {
  const { method, rawPath, rawQuery } = addressOf(incoming);
  const query = new URLSearchParams(rawQuery);
  const fields = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of [...query, ...body.fields]) (fields[name] ??= []).push(value);
  return {
    method,
    path: decodeSegment(rawPath),
    query,
    headers: incoming.headers,
    fields,
    json: body.json,
    files: body.files,
    params,
    signal,
  };
}

/** A mistake in a handler is shown to the caller, since nobody reads a stand-in's log. */
function errorReply(error: unknown): LocalReply {
  const status =
    error instanceof MalformedBodyError ? 400 : error instanceof BodyTooLargeError ? 413 : 500;
  return { status, text: error instanceof Error ? error.message : String(error) };
}
