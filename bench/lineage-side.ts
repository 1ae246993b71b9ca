import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { countLineage } from '../src/lineage/counts';
import { diffLineage } from '../src/lineage/diff';
import { readLineage } from '../src/lineage/read-lineage';
import type { Side } from './bench';

export type LineageWay = 'parse' | 'read';

export interface LineageOrder {
  readonly way: LineageWay;
  readonly name: string;
  /** Two exports of the same lineage, of which a part was changed. */
  readonly before: string;
  readonly after: string;
}

const { signal } = new AbortController();
const lookEachMs = 10;

/** Both answer how many edges differ. */
const ways: Readonly<Record<LineageWay, (order: LineageOrder) => Promise<number>>> = {
  /** The whole text parsed, the edges as they stand in it put into sets. */
  parse: async ({ before, after }) => {
    const [had, has] = [await edgesByName(before), await edgesByName(after)];
    return [...had].filter((edge) => !has.has(edge)).length + countMissing(has, had);
  },
  /** Streamed, composed over the result sets, compared in canonical form, summarised. */
  read: async ({ before, after }) => {
    const one = await readLineage(createReadStream(before), { signal });
    const two = await readLineage(createReadStream(after), { signal });
    const { change } = countLineage(two, diffLineage(one, two));
    return (change?.edgesAdded ?? 0) + (change?.edgesRemoved ?? 0);
  },
};

interface Export {
  readonly data: {
    readonly sqlflow: {
      readonly relationships: readonly { type: string; target: End; sources: readonly End[] }[];
    };
  };
}
interface End {
  readonly parentName: string;
  readonly column: string;
}

async function edgesByName(file: string): Promise<Set<string>> {
  const { data } = JSON.parse(await readFile(file, 'utf8')) as Export;
  const edges = new Set<string>();
  const name = (end: End) => `${end.parentName}.${end.column}`.toLowerCase();
  for (const { type, target, sources } of data.sqlflow.relationships) {
    for (const source of sources) edges.add(`${type} ${name(source)} ${name(target)}`);
  }
  return edges;
}

function countMissing(from: ReadonlySet<string>, edges: ReadonlySet<string>): number {
  return [...from].filter((edge) => !edges.has(edge)).length;
}

async function main(order: LineageOrder): Promise<Side> {
  let lastMs = performance.now();
  let longestMs = 0;
  const look = () => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs - lookEachMs);
    lastMs = nowMs;
  };
  const timer = setInterval(look, lookEachMs);
  const startedMs = performance.now();
  const differences = await ways[order.way](order);
  const seconds = (performance.now() - startedMs) / 1000;
  look();
  clearInterval(timer);
  const peakRssMiB = process.resourceUsage().maxRSS / 1024;
  return {
    name: order.name,
    figures: { seconds, peakRssMiB, longestBlockMs: longestMs, differences },
  };
}

main(JSON.parse(process.argv[2] ?? '{}') as LineageOrder).then(
  (side) => process.send?.(side),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
