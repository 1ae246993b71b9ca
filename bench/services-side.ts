import { Pool } from 'undici';
import { quantile, type Side } from './bench';

/** The same request again and again, by a client that does nothing else. */
export interface LoadOrder {
  readonly name: string;
  readonly way: 'load';
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** Paths with their queries, taken in turns. */
  readonly paths: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly atOnce: number;
  /** 0: each client sends one request. */
  readonly seconds: number;
}

async function main(): Promise<void> {
  const order = JSON.parse(process.argv[2] ?? '') as LoadOrder;
  const pool = new Pool(order.url, { connections: order.atOnce, bodyTimeout: 0 });
  const timesMs: number[] = [];
  let receivedBytes = 0;
  const once = async (path: string) => {
    const { method, headers, body } = order;
    const startedMs = performance.now();
    const reply = await pool.request({ path, method, headers, body });
    for await (const chunk of reply.body as AsyncIterable<Buffer>) receivedBytes += chunk.length;
    if (reply.statusCode !== 200) throw new Error(`${path}: HTTP ${reply.statusCode}`);
    timesMs.push(performance.now() - startedMs);
  };
  if (order.seconds > 0) await once(order.paths[0] ?? '/'); // what is made once is made now
  timesMs.length = receivedBytes = 0;
  const startedMs = performance.now();
  const untilMs = startedMs + order.seconds * 1000;
  let next = 0;
  const client = async () => {
    do await once(order.paths[next++ % order.paths.length]!);
    while (performance.now() < untilMs);
  };
  await Promise.all(Array.from({ length: order.atOnce }, client));
  const seconds = (performance.now() - startedMs) / 1000;
  const side: Side = {
    name: order.name,
    figures: {
      requestsPerS: timesMs.length / seconds,
      MiBPerS: receivedBytes / 2 ** 20 / seconds,
      p50Ms: quantile(timesMs, 0.5),
      p95Ms: quantile(timesMs, 0.95),
    },
  };
  await pool.close();
  process.send?.(side);
  process.disconnect();
}

void main();
