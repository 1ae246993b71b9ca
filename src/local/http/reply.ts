import type { ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import type { LocalReply } from './exchange';
import type { FaultOutcome } from './fault-actions';

/** Sends what a call came to. */
export async function send(outgoing: ServerResponse, outcome: FaultOutcome): Promise<void> {
  if ('broken' in outcome) {
    if (outcome.broken === 'reset') outgoing.socket?.resetAndDestroy();
    else outgoing.socket?.destroy();
  } else if ('truncated' in outcome) {
    await sendTruncated(outgoing, outcome.truncated, outcome.keepBytes);
  } else if ('stream' in outcome) {
    outgoing.writeHead(outcome.status ?? 200, headersOf(outcome));
    await pipeline(outcome.stream, lettingOthersIn, outgoing);
  } else {
    const body = await wholeBody(outcome);
    const length = { 'content-length': String(body.length) };
    outgoing.writeHead(outcome.status ?? 200, { ...headersOf(outcome), ...length });
    outgoing.end(body);
  }
}

const longestTurnMs = 10;

/** A reader as fast as the writer would keep every other request waiting until a long answer ends. */
async function* lettingOthersIn(chunks: AsyncIterable<Buffer>) {
  let turnEndsMs = performance.now() + longestTurnMs;
  for await (const chunk of chunks) {
    yield chunk;
    if (performance.now() < turnEndsMs) continue;
    await setImmediate();
    turnEndsMs = performance.now() + longestTurnMs;
  }
}

/** The HTTP status of the answer; 0 when the connection is broken first. */
export function statusOf(outcome: FaultOutcome): number {
  if ('broken' in outcome) return 0;
  return ('truncated' in outcome ? outcome.truncated.status : outcome.status) ?? 200;
}

/** Promises the whole body and closes the connection in the middle of it. */
async function sendTruncated(
  outgoing: ServerResponse,
  reply: LocalReply,
  keepBytes: number | undefined,
): Promise<void> {
  const body = await wholeBody(reply);
  const kept = Math.max(0, Math.min(keepBytes ?? Math.floor(body.length / 2), body.length - 1));
  const length = { 'content-length': String(Math.max(body.length, 1)) };
  outgoing.writeHead(reply.status ?? 200, { ...headersOf(reply), ...length });
  outgoing.flushHeaders();
  outgoing.write(body.subarray(0, kept), () => outgoing.socket?.destroySoon());
}

function headersOf(reply: LocalReply): Record<string, string | string[]> {
  const contentType =
    'json' in reply ? 'application/json' : (reply.contentType ?? 'text/plain; charset=utf-8');
  const headers: Record<string, string | string[]> = { 'content-type': contentType };
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    headers[name.toLowerCase()] = typeof value === 'string' ? value : [...value];
  }
  return headers;
}

async function wholeBody(reply: LocalReply): Promise<Buffer> {
  if ('stream' in reply) return buffer(reply.stream);
  return Buffer.from('json' in reply ? JSON.stringify(reply.json) : reply.text);
}
