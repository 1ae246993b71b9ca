import { z } from 'zod';
import { HttpError, VendorError, type VendorErrorKind } from '../http/errors';
import { clip, httpError } from '../http/service-words';
import { checkShape, parseJson } from '../http/shape';
import type { Answer, TextResponse } from '../http/transport';

export interface Reading {
  /** Values that must not stand in an error; the service echoes a token that it refuses. */
  readonly secrets: readonly string[];
  /** The call asks for a thing by its id or path, so words like "not found" mean that thing. */
  readonly asksForOne?: boolean;
}

/**
 * `{"method","status","message","data"}`. Besides it come a gateway's own (`"data":[]`, `status` is
 * the HTTP status) and Spring's (`{"timestamp","path","status","error"}`).
 */
const envelopeSchema = z.object({
  status: z.number(),
  message: z.string().nullish(),
  error: z.string().nullish(),
  data: z.unknown().optional(),
});

const errorMessageSchema = z.object({ errorMsg: z.object({ errCode: z.number() }) });

/**
 * The `data` of a successful answer.
 *
 * Linkis gives most refusals an HTTP status (1→400, -1→401, 2→412, 3→403, 4→206), but a gateway that
 * can't route answers HTTP 200 with status 1, and the public page says 200 for all: both are read.
 * An empty answer is never a success: the service gives one, with HTTP 200, to a call it ignored.
 *
 * @throws HttpError where the answer is a gateway's, a proxy's or Spring's; VendorError where it is
 *   the service's own refusal; WireError where it is neither
 */
export function readData(answer: TextResponse, reading: Reading): unknown {
  const isSuccess = answer.status >= 200 && answer.status <= 299;
  if (!isSuccess && !isRefusal(answer)) throw httpError(answer, { secrets: reading.secrets });
  const body = parseJson(answer.text, answer.endpoint);
  const envelope = checkShape(envelopeSchema, body, answer.endpoint);
  if (envelope.status === 0 && isSuccess) return envelope.data;
  const words = envelope.message ?? envelope.error ?? '';
  throw refusal(answer, reading, { status: envelope.status, words, data: envelope.data });
}

/** The error for an answer that says no, in the service's words. */
export function refusal(
  answer: Answer,
  reading: Reading,
  said: { readonly status: number; readonly words: string; readonly data?: unknown },
): VendorError {
  const errCode = errCodeOf(said.words, said.data);
  return new VendorError({
    endpoint: answer.endpoint,
    kind: kindOfRefusal(answer.status, errCode, said, reading.asksForOne ?? false),
    vendorCode: errCode ?? said.status,
    serviceMessage: clip(said.words, reading.secrets),
    httpStatus: answer.status,
  });
}

/** A non-2xx answer that is Linkis's own: its `status` is one of the small ones. */
function isRefusal(answer: TextResponse): boolean {
  if (answer.status >= 500 || answer.status === 429) return false;
  try {
    const envelope = envelopeSchema.safeParse(JSON.parse(answer.text));
    return envelope.success && envelope.data.status >= -1 && envelope.data.status <= 4;
  } catch {
    return false;
  }
}

const kindByErrCode: ReadonlyMap<number, VendorErrorKind> = new Map([
  // Not logged in; token expired, of another user, from another host, unknown, and what wraps them.
  ...[11002, 15201, 15202, 15203, 15204, 15205, 15206].map((code) => [code, 'auth'] as const),
  // The queue is full.
  [12001, 'busy'],
  // The task couldn't be written to the database.
  [20052, 'server'],
]);

/** For a gateway's envelope inside HTTP 200. 404 is a missing route, never a missing task. */
const kindByGatewayStatus: ReadonlyMap<number, VendorErrorKind> = new Map([
  [401, 'auth'],
  [403, 'refused'],
  [429, 'busy'],
  [503, 'busy'],
]);

const missingWords =
  /not found|not exist|doesn't exist|has ended|ID is empty|job by ID error|没有找到|不存在|已经结束|对应的job为空/i;
const routingWords = /serviceId|service list|service instance/i;

function kindOfRefusal(
  httpStatus: number,
  errCode: number | undefined,
  said: { readonly status: number; readonly words: string },
  asksForOne: boolean,
): VendorErrorKind {
  if (said.status === -1 || httpStatus === 401) return 'auth';
  const known = kindByErrCode.get(errCode ?? 0) ?? kindByGatewayStatus.get(said.status);
  if (known !== undefined) return known;
  if (said.status >= 400) return 'server';
  if (said.status !== 1) return 'refused';
  if (httpStatus === 200 && routingWords.test(said.words)) return 'server';
  return asksForOne && missingWords.test(said.words) ? 'notFound' : 'refused';
}

/** From `data.errorMsg`, else from the words: "errCode: 15206 ,desc: …", "error code: 20011, …". */
function errCodeOf(words: string, data: unknown): number | undefined {
  const structured = errorMessageSchema.safeParse(data);
  if (structured.success) return structured.data.errorMsg.errCode;
  const found = /\berr(?:or)? ?code\s*[:=]\s*(\d{4,6})\b/i.exec(words)?.[1];
  return found === undefined ? undefined : Number(found);
}

/**
 * True where the service has no such endpoint, or not with this method: `list-taskids` before 1.7,
 * `progressWithResource` in 1.0. A *task* that is missing is a VendorError of kind `notFound`.
 */
export function isEndpointAbsent(error: unknown): boolean {
  if (error instanceof HttpError) return error.status === 404 || error.status === 405;
  return error instanceof VendorError && (error.vendorCode === 404 || error.vendorCode === 405);
}
