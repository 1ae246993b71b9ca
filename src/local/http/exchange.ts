import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** A file part of a multipart body; it is gone when the reply has been sent. */
export interface ReceivedFile {
  /** Name of the form field. */
  readonly field: string;
  /** The name that the client gave, without any folder. */
  readonly fileName: string;
  readonly sizeBytes: number;
  /** Puts it where it is to stay. */
  readonly keepAs: (target: string) => Promise<void>;
}

/** One request, its body read to the end. */
export interface LocalRequest {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Query, urlencoded and multipart text fields together, in that order. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** The body of an `application/json` request; undefined when it was empty. */
  readonly json?: unknown;
  readonly files: readonly ReceivedFile[];
  /** What stood in the places of the pattern's `:names`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Aborted when the client goes away before it has the whole reply, or the service closes. */
  readonly signal: AbortSignal;
}

interface ReplyHead {
  /** @default 200 */
  readonly status?: number;
  /** A list sends the header once for each value. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Id of the job that the call made; for the call's record, never sent by itself. */
  readonly madeJob?: string;
}

export interface JsonReply extends ReplyHead {
  readonly json: unknown;
}

export interface TextReply extends ReplyHead {
  readonly text: string;
  /** @default 'text/plain; charset=utf-8' */
  readonly contentType?: string;
}

export interface StreamReply extends ReplyHead {
  readonly stream: Readable;
  readonly contentType: string;
}

export type LocalReply = JsonReply | TextReply | StreamReply;

export type Handler = (request: LocalRequest) => Promise<LocalReply> | LocalReply;
