import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { ByteSink } from '../byte-sink';
import type { CallBody, FieldValue } from '../http/body';
import type { CallPriority } from '../http/admission';
import { checkShape } from '../http/shape';
import {
  HttpTransport,
  type BytesResponse,
  type HttpTransportOptions,
  type StreamResponse,
} from '../http/transport';
import { Renewable } from '../http/renewable';
import {
  isLoggedOut,
  linkisAuth,
  type Authorisation,
  type LinkisAuth,
  type LinkisCredential,
} from './auth';
import { readDownload } from './download';
import { readData, type Reading } from './envelope';

/** Where a Linkis gateway is, and as whom it is spoken to. */
export interface LinkisClientOptions extends Omit<HttpTransportOptions, 'baseUrl'> {
  /** The gateway, without `/api/rest_j/v1`: `http://host:9001`. */
  readonly url: string;
  readonly user: string;
  readonly credential: LinkisCredential;
  /**
   * Reads the credential anew, where the service refuses it, or {@link LinkisClient.renewCredential}
   * asks for it. @default there is no other
   */
  readonly readCredential?: () => Promise<LinkisCredential>;
  /**
   * Longest wait for the answer to a submit: the server itself retries before it answers.
   * @default 600_000
   */
  readonly submitTimeoutMs?: number;
  /**
   * Longest wait for the first byte of a CSV or Excel file: the service writes the whole workbook
   * before it sends any.
   * @default 600_000
   */
  readonly downloadTimeoutMs?: number;
}

/** What every method takes besides its own arguments. */
export interface LinkisCallOptions {
  /** An abort rejects with the signal's own reason. */
  readonly signal: AbortSignal;
  /** Who the call acts for; another one than the client's only with a token. @default the client's user */
  readonly user?: string;
  /** More values that must not stand in an error of this call. */
  readonly secrets?: readonly string[];
  /** Whom the call goes before, and whom it gives way to. @default 'foreground' */
  readonly priority?: CallPriority;
}

export interface LinkisRequest {
  readonly method: 'GET' | 'POST';
  /** After `/api/rest_j/v1`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, FieldValue>>;
  readonly body?: CallBody;
  readonly headersTimeoutMs?: number;
  readonly asksForOne?: boolean;
}

/** Authorised calls to one gateway, and what their answers hold. */
export class LinkisConnection {
  readonly user: string;
  readonly #transport: HttpTransport;
  readonly #auth: Renewable<LinkisCredential, LinkisAuth>;

  constructor({ url, user, credential, readCredential, ...options }: LinkisClientOptions) {
    this.user = user;
    this.#transport = new HttpTransport({ ...options, baseUrl: url });
    const make = (given: LinkisCredential) => linkisAuth(this.#transport, user, given);
    this.#auth = new Renewable(credential, make, readCredential);
  }

  /** The `data` of a successful answer, checked against the part of its shape that is used. */
  async ask<S extends z.ZodType>(
    schema: S,
    call: LinkisCallOptions,
    request: LinkisRequest,
  ): Promise<z.output<S>> {
    return this.#authorised(call, request, async (ready, reading) => {
      const answer = await this.#transport.text(ready);
      return checkShape(schema, readData(answer, reading), answer.endpoint, 'data');
    });
  }

  /** An answer that is too large to make a value of all it holds. */
  async read<T>(
    call: LinkisCallOptions,
    request: LinkisRequest,
    read: (answer: BytesResponse, reading: Reading) => T,
    memory?: ByteSink,
  ): Promise<T> {
    return this.#authorised(call, request, async (ready, reading) =>
      read(await this.#transport.bytes(ready, memory), reading),
    );
  }

  /** An answer that is too large to be held. `read` destroys the body where it fails. */
  async stream<T>(
    call: LinkisCallOptions,
    request: LinkisRequest,
    read: (answer: StreamResponse, reading: Reading) => Promise<T>,
  ): Promise<T> {
    return this.#authorised(call, request, async (ready, reading) =>
      read(await this.#transport.stream(ready), reading),
    );
  }

  async download(
    format: 'csv' | 'xlsx',
    call: LinkisCallOptions,
    request: LinkisRequest,
  ): Promise<Readable> {
    return this.stream(call, request, (answer, reading) => readDownload(answer, format, reading));
  }

  login(signal: AbortSignal): Promise<void> {
    return this.#auth.send((auth) => auth.login(signal), isLoggedOut);
  }

  renewCredential(): Promise<boolean> {
    return this.#auth.renew();
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #authorised<T>(
    call: LinkisCallOptions,
    { asksForOne, path, ...request }: LinkisRequest,
    send: (
      ready: Parameters<HttpTransport['text']>[0],
      reading: Parameters<typeof readData>[1],
    ) => Promise<T>,
  ): Promise<T> {
    const authorised = ({ headers, secrets: own }: Authorisation) => {
      const secrets = [...own, ...(call.secrets ?? [])];
      const ready = {
        ...request,
        path: `/api/rest_j/v1${path}`,
        headers,
        secrets,
        signal: call.signal,
        priority: call.priority,
      };
      return send(ready, { secrets, asksForOne });
    };
    return this.#auth.send(
      (auth) => auth.send(call.user ?? this.user, call.signal, authorised),
      isLoggedOut,
    );
  }
}
