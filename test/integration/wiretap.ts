import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * Stands before a local service, so that made-up credentials work there: it puts the service's own
 * in their place. What the service makes of them (tokens, sessions) it notes down. And it can answer
 * as the worst of services: with an error that repeats all it was sent.
 */
export class Wiretap {
  /** Tokens and sessions that the service handed out. */
  readonly handedOut = new Set<string>();
  /** Paths that are answered by an echo with this HTTP status. */
  echo: { readonly path: RegExp; readonly status: number } | undefined;
  /** Requests that were answered by an echo. */
  echoes = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: string,
    private readonly swaps: ReadonlyMap<string, string>,
  ) {}

  /** @param swaps made-up values and the service's own in their place */
  static async start(target: string, swaps: Readonly<Record<string, string>>): Promise<Wiretap> {
    const server = createServer((incoming, outgoing) => {
      tap.answer(incoming, outgoing).catch(() => outgoing.destroy());
    });
    const tap = new Wiretap(server, target, new Map(Object.entries(swaps)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return tap;
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
    if (this.echo?.path.test(url)) {
      this.echoes += 1;
      const heard = `${JSON.stringify(incoming.headers)} ${body.toString('utf8')}`;
      const all = `${heard} ${encodeURIComponent(heard)} ${Buffer.from(heard).toString('base64')}`;
      // Once more where only the first words are kept.
      const [credential = ''] = [...this.swaps.keys()].filter((value) => heard.includes(value));
      outgoing.writeHead(this.echo.status, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify({ error: `can't use "${credential}": ${all}` }));
      return;
    }
    const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
      ['host', 'connection', 'content-length', 'transfer-encoding'].includes(name)
        ? []
        : [[name, this.swapped(String(value))] as [string, string]],
    );
    const answer = await fetch(`${this.target}${url}`, {
      method: incoming.method,
      headers,
      body:
        body.length === 0
          ? undefined
          : Buffer.from(this.swapped(body.toString('latin1')), 'latin1'),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const token = /"token":"([^"]+)"/.exec(bytes.toString('utf8'))?.[1];
    if (token !== undefined) this.handedOut.add(token);
    const cookies = answer.headers.getSetCookie();
    for (const cookie of cookies) {
      const value = /=([^;]+)/.exec(cookie)?.[1];
      if (value !== undefined) this.handedOut.add(value);
    }
    const kept = ['content-type', 'content-disposition'].flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value] as [string, string]];
    });
    outgoing.writeHead(answer.status, { ...Object.fromEntries(kept), 'set-cookie': cookies });
    outgoing.end(bytes);
  }

  private swapped(text: string): string {
    let swapped = text;
    for (const [made, own] of this.swaps) {
      const form = new URLSearchParams({ v: made }).toString().slice(2);
      const json = JSON.stringify(made).slice(1, -1);
      for (const spelling of [json, made, encodeURIComponent(made), form]) {
        swapped = swapped.replaceAll(spelling, own);
      }
    }
    return swapped;
  }
}
