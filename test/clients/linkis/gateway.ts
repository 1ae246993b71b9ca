import { readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  LinkisClient,
  type LinkisCallOptions,
  type LinkisClientOptions,
} from '../../../src/clients/linkis/public';

export interface Received {
  readonly method: string;
  /** As it came, still encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Answer = (response: ServerResponse, received: Received) => void;

/** A response in the contract's shape, as text. */
export function fixture(name: string): string {
  return readFileSync(join(__dirname, '../../fixtures/linkis', `${name}.json`), 'utf8');
}

/** Answers with a fixture; the HTTP status is the one that a real server gives it. */
export function says(name: string, status = 200, headers: Record<string, string> = {}): Answer {
  return saysText(fixture(name), status, headers);
}

export function saysText(
  text: string,
  status = 200,
  headers: Record<string, string | string[]> = {},
): Answer {
  return (response) => {
    // The real server's Date is no HTTP date, and comes twice.
    response.setHeader('Date', ['2026-08-11T10:00:00', '2026-08-11T10:00:00']);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(text);
  };
}

export function saysData(data: unknown): Answer {
  return saysText(JSON.stringify({ method: null, status: 0, message: 'OK', data }));
}

/** A gateway that answers what it is told, in order; the last answer stays. */
export class Gateway {
  readonly received: Received[] = [];
  #answers: Answer[] = [];
  readonly #clients: LinkisClient[] = [];

  private constructor(readonly server: Server) {}

  static async start(): Promise<Gateway> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://gateway');
        const received: Received = {
          method: request.method ?? '',
          path: (request.url ?? '').split('?')[0] ?? '',
          query: Object.fromEntries(url.searchParams),
          headers: request.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        };
        gateway.received.push(received);
        const next = gateway.#answers.length > 1 ? gateway.#answers.shift() : gateway.#answers[0];
        if (next) next(response, received);
        else response.writeHead(500).end();
      });
    });
    const gateway = new Gateway(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get last(): Received {
    const last = this.received.at(-1);
    if (!last) throw new Error('nothing was received');
    return last;
  }

  /** The next answers; what was received so far is forgotten. */
  answer(...answers: Answer[]): void {
    this.#answers = answers;
    this.received.length = 0;
  }

  client(options: Partial<LinkisClientOptions> = {}): LinkisClient {
    const client = new LinkisClient({
      url: this.url,
      user: 'hadoop',
      credential: { token: 'local-secret-token' },
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export const call: LinkisCallOptions = { signal: new AbortController().signal };
export const execId = 'exec_id018016linkis-cg-entrance10.0.4.17:9104remotejobs_hadoop_spark_21';

/** The error that a promise rejects with; fails where it doesn't reject. */
export async function failure<E extends Error>(
  promise: Promise<unknown>,
  type: abstract new (...args: never[]) => E,
): Promise<E> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof type)) throw error;
  return error;
}
