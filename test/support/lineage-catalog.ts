import { text } from 'node:stream/consumers';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { serve, type TestServer } from '../clients/http/server';

/** An HTTP server that takes OpenLineage events, as Marquez does. */
export interface LineageCatalog extends TestServer {
  /** Where events are posted. */
  readonly events: string;
  /** Every event that was taken, in order. */
  readonly taken: any[];
  readonly headers: IncomingHttpHeaders[];
  /** Answers each event from now on; what it leaves unanswered is taken. */
  answer(how: (event: any, response: ServerResponse) => void): void;
}

export async function lineageCatalog(): Promise<LineageCatalog> {
  const taken: any[] = [];
  const headers: IncomingHttpHeaders[] = [];
  let how: (event: any, response: ServerResponse) => void = () => undefined;
  const server = await serve(async (request, response) => {
    headers.push(request.headers);
    if (request.method !== 'POST' || request.url !== '/api/v1/lineage') {
      response.writeHead(404).end('{"message":"HTTP 404 Not Found"}');
      return;
    }
    const event = JSON.parse(await text(request));
    how(event, response);
    if (response.writableEnded || response.destroyed) return;
    taken.push(event);
    response.writeHead(201).end();
  });
  return {
    ...server,
    events: `${server.url}/api/v1/lineage`,
    taken,
    headers,
    answer: (next) => {
      how = next;
    },
  };
}
