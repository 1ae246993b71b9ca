import { HttpError } from './errors';
import { redact } from './redaction';
import type { TextResponse } from './transport';

const maxWords = 300;

/** One line, redacted, at most 300 characters. */
export function clip(text: string, secrets: readonly string[] = []): string {
  // Redact first: a cut through the middle of a secret would leave a half that no longer matches.
  const line = redact(text, secrets).replace(/\s+/g, ' ').trim();
  return line.length <= maxWords ? line : `${line.slice(0, maxWords - 1)}…`;
}

/**
 * What a service says in an error body: the message field of JSON, the title of an HTML page (a
 * proxy's 502), or the text itself.
 */
export function serviceWords(text: string, secrets: readonly string[] = []): string {
  const body = text.trim();
  if (body.startsWith('{')) {
    const words = jsonWords(body);
    if (words !== undefined) return clip(words, secrets);
  }
  if (body.startsWith('<')) {
    const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body)?.[1];
    return clip(title ?? body.replace(/<[^>]*>/g, ' '), secrets);
  }
  return clip(body, secrets);
}

function jsonWords(body: string): string | undefined {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const words = ['error', 'message', 'msg', 'error_description']
    .map((key) => parsed[key])
    .filter((value): value is string => typeof value === 'string' && value.trim() !== '');
  return words.length === 0 ? undefined : [...new Set(words)].join(': ');
}

/** Milliseconds from now; seconds and HTTP dates are understood, anything else is undefined. */
export function retryAfterMs(header: string | undefined, nowMs = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const value = header.trim();
  if (/^\d+(\.\d+)?$/.test(value)) return Math.round(Number(value) * 1000);
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

/** The error for an answer whose HTTP status isn't 2xx. */
export function httpError(
  response: TextResponse,
  details: { readonly secrets?: readonly string[]; readonly advice?: string } = {},
): HttpError {
  const retryAfter = retryAfterMs(response.headers['retry-after']);
  return new HttpError({
    endpoint: response.endpoint,
    status: response.status,
    serviceMessage: serviceWords(response.text, details.secrets),
    request: response.request,
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
    ...(details.advice === undefined ? {} : { advice: details.advice }),
  });
}
