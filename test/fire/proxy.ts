import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** When, in the life of one call, the worker that makes it is killed. */
export const moments = ['before effect', 'after effect', 'after reply'] as const;
export type Moment = (typeof moments)[number];

/** Kills the worker at one call. */
export interface Strike {
  /** `*` for any. */
  readonly endpoint: string;
  /** Which call of the endpoint, counted from 1 since the strike was set. */
  readonly call: number;
  readonly moment: Moment;
  /** How long after the reply, where it comes after that. @default 0 */
  readonly laterMs?: number;
}

/** Stands between a worker and a service, and kills the worker at the call it was told. */
export class KillingProxy {
  /** The endpoints of all calls, in the order in which they came. */
  readonly calls: string[] = [];
  /** Answers with HTTP 200 in place of the service, by endpoint. */
  readonly refusals = new Map<string, string>();
  private strikes: Strike[] = [];
  private counted = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
    private readonly kill: () => void,
  ) {}

  /**
   * @param target the service's base URL; what it serves under it is relayed as it is
   * @param kill ends the worker at once, without a chance to say or write anything more
   */
  static async start(target: string, kill: () => void): Promise<KillingProxy> {
    const server = createServer((incoming, outgoing) => {
      proxy.relay(incoming, outgoing).catch(() => outgoing.destroy());
    });
    const proxy = new KillingProxy(server, new URL(target), kill);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The base URL for the worker. */
  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.target.pathname.replace(/\/$/, '')}`;
  }

  /**
   * One strike after the other: the calls for the second are counted once the first has hit. Calls
   * that came before are forgotten.
   */
  arm(strikes: readonly Strike[]): void {
    this.strikes = [...strikes];
    this.calls.length = 0;
    this.counted = 0;
  }

  /** Strikes that haven't hit yet. */
  get pending(): readonly Strike[] {
    return this.strikes;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async relay(
    incoming: IncomingMessage,
    outgoing: Parameters<Parameters<typeof createServer>[1] & object>[1],
  ): Promise<void> {
    const endpoint = endpointOf(incoming.url ?? '/', this.target.pathname);
    this.calls.push(endpoint);
    const { moment, laterMs = 0 } = this.due(endpoint) ?? {};
    const body = await buffer(incoming);
    if (moment === 'before effect') {
      this.kill();
      outgoing.destroy();
      return;
    }
    const refusal = this.refusals.get(endpoint);
    const answer =
      refusal === undefined
        ? await this.ask(incoming, body)
        : { status: 200, headers: ['content-type', 'application/json'], body: refusal };
    if (moment === 'after effect') {
      this.kill();
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(answer.status, answer.headers);
    outgoing.end(answer.body, () => {
      if (moment === 'after reply') setTimeout(() => this.kill(), laterMs);
    });
  }

  private due(endpoint: string): Strike | undefined {
    const [strike] = this.strikes;
    if (strike === undefined || !['*', endpoint].includes(strike.endpoint)) return undefined;
    this.counted += 1;
    if (this.counted < strike.call) return undefined;
    this.strikes.shift();
    this.counted = 0;
    return strike;
  }

  private async ask(incoming: IncomingMessage, body: Buffer) {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(
        {
          host: this.target.hostname,
          port: this.target.port,
          path: incoming.url,
          method: incoming.method,
        },
        resolve,
      );
      const { rawHeaders } = incoming;
      for (let index = 0; index < rawHeaders.length; index += 2) {
        const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
        if (!/^(connection|transfer-encoding|content-length)$/i.test(name)) {
          asked.setHeader(name, value);
        }
      }
      asked.on('error', reject).end(body);
    });
    const headers: string[] = [];
    for (let index = 0; index < answer.rawHeaders.length; index += 2) {
      const [name = '', value = ''] = answer.rawHeaders.slice(index, index + 2);
      if (!/^(connection|keep-alive|transfer-encoding|content-length)$/i.test(name)) {
        headers.push(name, value);
      }
    }
    return { status: answer.statusCode ?? 502, headers, body: await buffer(answer) };
  }
}

/** The path after the base, with ids (whatever has a digit in it) left out: `entrance/:id/log`. */
function endpointOf(url: string, base: string): string {
  const [path = ''] = url.split('?');
  const below = path.startsWith(base) ? path.slice(base.length) : path;
  return below
    .replace(/^\/?(api\/rest_j\/v1|sqlflow\/job)\//, '')
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => (/\d/.test(segment) ? ':id' : segment))
    .join('/');
}
