import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Relay } from './relay';

/** What becomes of an answer; undefined leaves it as it is. */
export type Rewrite = (path: string, text: string) => string | undefined;

/** Stands before a local service and puts other words into its answers: the service from hell. */
export class Rewriter extends Relay {
  rewrite: Rewrite = () => undefined;
  /** Paths that were asked for, queries included. */
  readonly asked: string[] = [];

  /** @param target the service's address; its path is left out */
  static start(target: string): Promise<Rewriter> {
    return new Rewriter(target).listen();
  }

  protected async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const url = incoming.url ?? '/';
    this.asked.push(url);
    const { status, headers, bytes } = await this.forward(incoming, body);
    outgoing.writeHead(status, headers);
    outgoing.end(this.rewrite(url, bytes.toString('utf8')) ?? bytes);
  }
}
