import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a service answered, as far as a caller of ours looks at it. */
export interface RelayedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly cookies: readonly string[];
  readonly bytes: Buffer;
}

/** Stands before a local service: what a test makes of a call is `answer`, and `forward` asks the service. */
export abstract class Relay {
  private readonly server: Server;
  private readonly target: string;

  /** @param target the service's address; its path is left out */
  protected constructor(target: string) {
    this.target = new URL(target).origin;
    this.server = createServer((incoming, outgoing) => {
      this.answer(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  protected abstract answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>;

  protected async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** @param changed what becomes of each header's value */
  protected async forward(
    { url = '/', method, headers }: IncomingMessage,
    body: Buffer<ArrayBuffer>,
    changed = (value: string) => value,
  ): Promise<RelayedAnswer> {
    const answer = await fetch(`${this.target}${url}`, {
      method,
      headers: Object.entries(headers).flatMap(([name, value]) =>
        ofTheConnection.includes(name) ? [] : [[name, changed(String(value))] as [string, string]],
      ),
      body: body.length === 0 ? undefined : body,
    });
    const cookies = answer.headers.getSetCookie();
    const kept = ['content-type', 'content-disposition'].flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value] as [string, string]];
    });
    return {
      status: answer.status,
      headers: { ...Object.fromEntries(kept), 'set-cookie': cookies },
      cookies,
      bytes: Buffer.from(await answer.arrayBuffer()),
    };
  }
}

const ofTheConnection = ['host', 'connection', 'content-length', 'transfer-encoding'];
