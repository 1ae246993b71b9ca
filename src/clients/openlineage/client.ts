import { httpError } from '../http/service-words';
import { HttpTransport, type HttpTransportOptions } from '../http/transport';

export interface OpenLineageClientOptions extends Omit<HttpTransportOptions, 'baseUrl'> {
  /** Where events are posted, path included: `http://marquez:5000/api/v1/lineage`. */
  readonly url: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly apiKey?: string;
  /** Sent with every event; their values are kept out of errors. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Posts events to one OpenLineage endpoint: Marquez, DataHub, OpenMetadata, or another. */
export class OpenLineageClient {
  readonly #transport: HttpTransport;
  readonly #path: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #secrets: readonly string[];

  constructor({ url, apiKey, headers = {}, ...options }: OpenLineageClientOptions) {
    const { origin, pathname } = new URL(url);
    this.#transport = new HttpTransport({ ...options, baseUrl: origin });
    this.#path = pathname;
    this.#headers = apiKey === undefined ? headers : { ...headers, authorization: bearer(apiKey) };
    this.#secrets = [...Object.values(headers), ...(apiKey === undefined ? [] : [apiKey])];
  }

  /**
   * Posts one event.
   *
   * @throws HttpError for every status but 2xx, in the service's own words; TransportError; or the
   * signal's reason
   */
  async send(event: object, signal: AbortSignal): Promise<void> {
    const answer = await this.#transport.text({
      method: 'POST',
      path: this.#path,
      headers: this.#headers,
      body: { json: event },
      secrets: this.#secrets,
      signal,
    });
    if (answer.status < 200 || answer.status > 299) {
      throw httpError(answer, { secrets: this.#secrets });
    }
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}

function bearer(apiKey: string): string {
  return `Bearer ${apiKey}`;
}
