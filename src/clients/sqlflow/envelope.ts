import { VendorError, WireError, type VendorErrorKind } from '../http/errors';
import { clip, httpError, serviceWords } from '../http/service-words';
import { kindOf, parseJson } from '../http/shape';
import type { TextResponse } from '../http/transport';

/** `{code, data?, error?, message?}` of a call that the service granted. */
export interface Envelope {
  readonly endpoint: string;
  readonly httpStatus: number;
  readonly code: number;
  /** The top level, for the one endpoint that answers beside `data`. */
  readonly top: Readonly<Record<string, unknown>>;
  readonly data: unknown;
  /** What stood in `error` beside code 200 or 203: at most 50, of at most 300 characters each. */
  readonly warnings: readonly string[];
}

const busyText = /service is busy/i;
/** The overload answer, which comes as plain text too. */
export function isBusy(text: string): boolean {
  return busyText.test(text);
}

const notFoundText =
  /not\s+(?:be\s+)?found|(?:not|n't)\s+exist|no\s+such\b|unknown\s+job|job\s+is\s+null/i;
export const maxWarnings = 50;

/**
 * Reads an answer. SQLFlow says almost everything with HTTP 200 and a `code`, which is a number
 * or, from generateToken, a text.
 *
 * @throws HttpError for another HTTP status, VendorError for a refusal, WireError for anything else
 */
export function readEnvelope(response: TextResponse, secrets: readonly string[]): Envelope {
  const { endpoint, status } = response;
  const isFine = status >= 200 && status < 300;
  if (!isFine) {
    const code = codeOfText(response.text);
    // A gateway's way of saying what SQLFlow says with HTTP 200.
    if (code === 401 || code === 403) {
      const words = [serviceWords(response.text, secrets)];
      throw refusal({ endpoint, httpStatus: status, code, words, secrets });
    }
    const advice = httpAdvice[status];
    throw httpError(response, { secrets, ...(advice === undefined ? {} : { advice }) });
  }
  if (!response.text.trimStart().startsWith('{') && isBusy(response.text)) {
    const words = [response.text];
    throw refusal({ endpoint, httpStatus: status, code: 'busy', words, secrets });
  }
  const top = parseJson(response.text, endpoint);
  if (typeof top !== 'object' || top === null || Array.isArray(top)) {
    throw new WireError({ endpoint, field: 'body', expected: 'an object', found: kindOf(top) });
  }
  const fields = top as Record<string, unknown>;
  const code = codeOf(fields.code);
  if (code === undefined) {
    const found = kindOf(fields.code);
    throw new WireError({ endpoint, field: 'code', expected: 'a number', found });
  }
  if (!isGranted(code)) {
    const words = [...wordsOf(fields.error), ...wordsOf(fields.message)];
    throw refusal({ endpoint, httpStatus: status, code, words, secrets });
  }
  // Limited first: thousands of them would take seconds to be looked through for secrets.
  const warnings = limited(wordsOf(fields.error)).map((words) => clip(words, secrets));
  return {
    endpoint,
    httpStatus: status,
    code,
    top: fields,
    data: fields.data,
    warnings,
  };
}

/** 203 is data with warnings. */
export function isGranted(code: number): boolean {
  return code === 200 || code === 203;
}

/** The error for a refusal inside the envelope. */
export function refusal(details: {
  readonly endpoint: string;
  readonly httpStatus: number;
  readonly code: number | string;
  readonly words: readonly string[];
  readonly secrets?: readonly string[];
}): VendorError {
  const serviceMessage = clip([...new Set(details.words)].join(': '), details.secrets);
  const advice = typeof details.code === 'number' ? adviceOf(details.code) : undefined;
  return new VendorError({
    endpoint: details.endpoint,
    kind: kindOfRefusal(details.code, serviceMessage),
    vendorCode: details.code,
    serviceMessage,
    httpStatus: details.httpStatus,
    ...(advice === undefined ? {} : { advice }),
  });
}

function kindOfRefusal(code: number | string, words: string): VendorErrorKind {
  if (code === 429 || isBusy(words)) return 'busy';
  if (code === 401 || code === 403) return 'auth';
  if (typeof code === 'number' && ((code >= 411 && code <= 417) || code === 426)) return 'licence';
  // What an unknown job gets isn't documented; the words are all there is.
  if (code === 404 || notFoundText.test(words)) return 'notFound';
  return typeof code === 'number' && code >= 500 ? 'server' : 'refused';
}

function adviceOf(code: number): string | undefined {
  if (code === 403) return 'the account or its login has expired';
  if (code === 410) return 'another version of the server made this job: call rerunJob';
  if (code >= 411 && code <= 417) return "the server's licence doesn't allow it";
  if (code === 426) return 'it needs a premium account';
  return undefined;
}

const httpAdvice: Readonly<Record<number, string>> = {
  404: 'is the base URL right? SQLFlow answers under /gspLive_backend or /api/gspLive_backend',
  413: 'the upload is larger than the server takes, 200 MB by default',
};

export function codeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : undefined;
}

function codeOfText(text: string): number | undefined {
  try {
    return codeOf((JSON.parse(text) as { code?: unknown } | null)?.code);
  } catch {
    return undefined;
  }
}

/** A text, a list of them, or something else that is shown as it came. */
function wordsOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(wordsOf);
  const words = typeof value === 'string' ? value : JSON.stringify(value);
  return words.trim() === '' ? [] : [words];
}

/** @param count how many there are, where not all of them were kept */
export function limited(warnings: readonly string[], count = warnings.length): readonly string[] {
  return count <= maxWarnings
    ? warnings
    : [...warnings.slice(0, maxWarnings), `… and ${count - maxWarnings} more`];
}
