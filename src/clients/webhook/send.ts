import { TransportError } from '../http/errors';
import { HttpTransport } from '../http/transport';

export interface WebhookCall {
  /** Whole: also its query may be the receiver's secret. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly signal: AbortSignal;
}

/** Why a webhook did not take a call; holds nothing of its address, which often is a secret. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';

  constructor(
    /** `HTTP 404`, `ECONNREFUSED`, … */
    readonly reason: string,
    /** Whether another attempt may help. */
    readonly isPassing: boolean,
  ) {
    super(`the webhook did not take it: ${reason}`);
  }
}

const timeoutMs = 15_000;

/**
 * Posts JSON to a webhook, once. Redirects are not followed: the address comes from the configuration
 * alone.
 *
 * @throws WebhookError, or the signal's reason
 */
export async function sendWebhook({ url, headers, body, signal }: WebhookCall): Promise<void> {
  const { origin, pathname, search } = parsed(url);
  const transport = new HttpTransport({
    baseUrl: origin,
    connectTimeoutMs: timeoutMs,
    headersTimeoutMs: timeoutMs,
    bodyTimeoutMs: timeoutMs,
    maxBodyBytes: 64 * 1024,
    maxConnections: 1,
  });
  try {
    const { status } = await transport.text({
      method: 'POST',
      // As it was given: a signed query is another one when it is written anew.
      path: `${pathname}${search}`,
      headers,
      body: { json: body },
      signal,
    });
    if (status >= 200 && status <= 299) return;
    const isPassing = status >= 500 || status === 429 || status === 408;
    throw new WebhookError(`HTTP ${status}`, isPassing);
  } catch (error) {
    if (signal.aborted || error instanceof WebhookError) throw error;
    const words = error instanceof TransportError ? error.reason : (error as Error).name;
    throw new WebhookError(words, true);
  } finally {
    await transport.close();
  }
}

function parsed(url: string): URL {
  const found = URL.canParse(url.trim()) ? new URL(url.trim()) : undefined;
  if (found === undefined || !/^https?:$/.test(found.protocol)) {
    throw new WebhookError('its address is no http or https URL', false);
  }
  if (found.username !== '' || found.password !== '') {
    throw new WebhookError(
      'its address holds a user or a password: give them as the header authorization',
      false,
    );
  }
  return found;
}
