import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import type { CallPriority } from '../http/admission';
import { HttpTransport, type HttpCall, type HttpTransportOptions } from '../http/transport';
import { checkGranted, isFine } from './envelope';
import { readRun, readRuns, type AcmeRun } from './wire';

export interface AcmeClientOptions extends Omit<HttpTransportOptions, 'baseUrl'> {
  /** `http://host:port`, with a prefix where the service has one. */
  readonly url: string;
  readonly token: string;
}

export interface AcmeSubmission {
  readonly name: string;
  readonly command: string;
  readonly tags: Readonly<Record<string, string>>;
}

type Call = Omit<HttpCall, 'headers' | 'secrets'>;

/**
 * The Acme job service. Every call takes a signal and rethrows its reason; nothing is retried.
 *
 * Every method throws TransportError and HttpError for what lies below the service, VendorError for
 * its refusals, WireError for what can't be read.
 */
export class AcmeClient {
  readonly #transport: HttpTransport;
  readonly #token: string;

  constructor({ url, token, ...transport }: AcmeClientOptions) {
    this.#transport = new HttpTransport({ baseUrl: url, ...transport });
    this.#token = token;
  }

  /** Not idempotent: a repeat makes a second run. After a failure with `sent: 'maybe'`, look for a tag first. */
  async submit(submission: AcmeSubmission, signal: AbortSignal): Promise<AcmeRun> {
    const call = { method: 'POST', path: '/v1/runs', body: { json: submission }, signal } as const;
    return readRun(await this.#call(call), 'POST /v1/runs');
  }

  /** @throws VendorError (`notFound`) where the service doesn't know the run */
  async getRun(runId: string, signal: AbortSignal, priority?: CallPriority): Promise<AcmeRun> {
    const path = `/v1/runs/${encodeURIComponent(runId)}`;
    return readRun(await this.#call({ method: 'GET', path, signal, priority }), `GET ${path}`);
  }

  /** Those of the given ids that the service knows; at most 100 ids. */
  async listByIds(
    ids: readonly string[],
    signal: AbortSignal,
    priority?: CallPriority,
  ): Promise<readonly AcmeRun[]> {
    return this.#list({ ids: ids.join(',') }, signal, priority);
  }

  /** Every run that bears a tag. */
  async listByTag(name: string, value: string, signal: AbortSignal): Promise<readonly AcmeRun[]> {
    return this.#list({ tag: `${name}:${value}` }, signal);
  }

  /** Asks for the end of a run; it is over once its state says so. */
  async stop(runId: string, signal: AbortSignal): Promise<void> {
    const path = `/v1/runs/${encodeURIComponent(runId)}/stop`;
    await this.#call({ method: 'POST', path, signal, priority: 'urgent' });
  }

  /** What the command printed, as it comes. */
  async output(runId: string, signal: AbortSignal): Promise<Readable> {
    const path = `/v1/runs/${encodeURIComponent(runId)}/output`;
    const { body, ...answer } = await this.#transport.stream(
      this.#signed({ method: 'GET', path, signal }),
    );
    if (!isFine(answer)) checkGranted({ ...answer, text: await text(body) }, [this.#token]);
    return body;
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #list(
    query: NonNullable<HttpCall['query']>,
    signal: AbortSignal,
    priority?: CallPriority,
  ): Promise<readonly AcmeRun[]> {
    const path = '/v1/runs';
    return readRuns(await this.#call({ method: 'GET', path, query, signal, priority }), path);
  }

  async #call(call: Call): Promise<string> {
    const answer = await this.#transport.text(this.#signed(call));
    checkGranted(answer, [this.#token]);
    return answer.text;
  }

  #signed(call: Call): HttpCall {
    const headers = { authorization: `Bearer ${this.#token}` };
    return { ...call, headers, secrets: [this.#token] };
  }
}
