import { subscribe, unsubscribe } from 'node:diagnostics_channel';

interface Sent {
  readonly request: { readonly path: string };
  readonly chunk: Uint8Array;
}

/** Counts the bytes of this process's submits, by what undici itself publishes. */
export class Uploads {
  sentBytes = 0;

  constructor() {
    subscribe('undici:request:bodyChunkSent', this.onChunk);
  }

  close(): void {
    unsubscribe('undici:request:bodyChunkSent', this.onChunk);
  }

  private readonly onChunk = (message: unknown) => {
    const { request, chunk } = message as Sent;
    if (request.path.includes('submit')) this.sentBytes += chunk.length;
  };
}
