import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WorkerReadiness } from './readiness';

/** A probe sends a line and some headers; whoever sends more, or nothing, is cut off. */
const patienceMs = 5_000;
const mostConnections = 32;

/**
 * Answers the probes of an orchestrator: `GET /healthz` with 200 while the process lives and its
 * event loop turns, `GET /readyz` with 200 while it takes work and Temporal hears it, else with 503.
 * Both answers are one JSON object. It tells nothing else and takes nothing.
 */
export class HealthServer {
  private constructor(
    private readonly server: Server,
    /** Where it listens, `host:port`. */
    readonly address: string,
  ) {}

  /**
   * @param address `host:port`, `[host]:port` for IPv6; port 0 takes a free one
   * @throws the system's error where nobody can listen there
   */
  static async start(address: string, readiness: WorkerReadiness): Promise<HealthServer> {
    const { hostname, port } = new URL(`http://${address}`);
    const server = createServer((request, response) => {
      const [path] = (request.url ?? '').split('?');
      request.resume();
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.setHeader('allow', 'GET, HEAD');
        return answer(response, 405, { error: 'only GET is answered' });
      }
      if (path === '/healthz') return answer(response, 200, { alive: true });
      if (path !== '/readyz') return answer(response, 404, { error: 'ask /healthz or /readyz' });
      void readiness.look().then((seen) => answer(response, seen.ready ? 200 : 503, seen));
    });
    server.maxConnections = mostConnections;
    server.headersTimeout = patienceMs;
    server.requestTimeout = patienceMs;
    // A port that stands for the scheme's own is left out by URL.
    server.listen(Number(port || 80), hostname.replace(/^\[|\]$/g, ''));
    await once(server, 'listening');
    const { port: taken } = server.address() as AddressInfo;
    return new HealthServer(server, `${hostname}:${taken}`);
  }

  /** Answers no more; probes under way are cut off. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
