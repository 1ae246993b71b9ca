import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Relay } from './relay';

/**
 * Stands before a local service, so that made-up credentials work there: it puts the service's own
 * in their place. What the service makes of them (tokens, sessions) it notes down. And it can answer
 * as the worst of services: with an error that repeats all it was sent.
 */
export class Wiretap extends Relay {
  /** Tokens and sessions that the service handed out. */
  readonly handedOut = new Set<string>();
  /** Paths that are answered by an echo with this HTTP status. */
  echo: { readonly path: RegExp; readonly status: number } | undefined;
  /** Requests that were answered by an echo. */
  echoes = 0;

  private constructor(
    target: string,
    private readonly swaps: ReadonlyMap<string, string>,
  ) {
    super(target);
  }

  /** @param swaps made-up values and the service's own in their place */
  static start(target: string, swaps: Readonly<Record<string, string>>): Promise<Wiretap> {
    return new Wiretap(target, new Map(Object.entries(swaps))).listen();
  }

  protected async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
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
    const sent = Buffer.from(this.swapped(body.toString('latin1')), 'latin1');
    const { status, headers, cookies, bytes } = await this.forward(incoming, sent, (value) =>
      this.swapped(value),
    );
    const token = /"token":"([^"]+)"/.exec(bytes.toString('utf8'))?.[1];
    if (token !== undefined) this.handedOut.add(token);
    for (const cookie of cookies) {
      const value = /=([^;]+)/.exec(cookie)?.[1];
      if (value !== undefined) this.handedOut.add(value);
    }
    outgoing.writeHead(status, headers);
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
