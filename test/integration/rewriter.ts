import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What becomes of an answer; undefined leaves it as it is. */
export type Rewrite = (path: string, text: string) => string | undefined;

/** Stands before a local service and puts other words into its answers: the service from hell. */
export class Rewriter {
  rewrite: Rewrite = () => undefined;
  /** Paths that were asked for, queries included. */
  readonly asked: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly target: string,
  ) {}

  /** @param target the service's address; its path is left out */
  static async start(target: string): Promise<Rewriter> {
    const server = createServer((incoming, outgoing) => {
      rewriter.answer(incoming, outgoing).catch(() => outgoing.destroy());
    });
    const rewriter = new Rewriter(server, new URL(target).origin);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return rewriter;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const url = incoming.url ?? '/';
    this.asked.push(url);
    const skipped = ['host', 'connection', 'content-length', 'transfer-encoding'];
    const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
      skipped.includes(name) ? [] : [[name, String(value)] as [string, string]],
    );
    const answer = await fetch(`${this.target}${url}`, {
      method: incoming.method,
      headers,
      body: body.length === 0 ? undefined : body,
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const kept = ['content-type', 'content-disposition'].flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value] as [string, string]];
    });
    outgoing.writeHead(answer.status, {
      ...Object.fromEntries(kept),
      'set-cookie': answer.headers.getSetCookie(),
    });
    outgoing.end(this.rewrite(url, bytes.toString('utf8')) ?? bytes);
  }
}
