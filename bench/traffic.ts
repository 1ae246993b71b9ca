import { subscribe, unsubscribe } from 'node:diagnostics_channel';

interface Sent {
  readonly request: { readonly path: string };
}

/** Requests that bring a job about, and logins: the same on every side, and not what is compared. */
const notCounted = /submit|execute|login|generateToken/i;

/** Counts this process's requests, whoever sends them, by what undici itself publishes. */
export class Traffic {
  requests = 0;
  receivedBytes = 0;

  constructor() {
    subscribe('undici:request:create', this.onRequest);
    subscribe('undici:request:bodyChunkReceived', this.onChunk);
  }

  close(): void {
    unsubscribe('undici:request:create', this.onRequest);
    unsubscribe('undici:request:bodyChunkReceived', this.onChunk);
  }

  private readonly onRequest = (message: unknown) => {
    if (!notCounted.test((message as Sent).request.path)) this.requests += 1;
  };

  private readonly onChunk = (message: unknown) => {
    const { request, chunk } = message as Sent & { readonly chunk: Uint8Array };
    if (!notCounted.test(request.path)) this.receivedBytes += chunk.length;
  };
}
