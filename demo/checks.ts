import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { LinkisTaskResult } from '../src/contracts/linkis';
import type { SqlFlowJobResult } from '../src/contracts/sqlflow';

/** A step did not do what it should. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}

export function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new DemoError(otherwise);
}

export async function readResult<Result extends SqlFlowJobResult | LinkisTaskResult>(
  folder: string,
): Promise<Result> {
  return JSON.parse(await readFile(path.join(folder, 'result.json'), 'utf8')) as Result;
}

/** `from → to` for each row of a lineage CSV; the demo's names hold no comma. */
async function readEdges(folder: string): Promise<Set<string>> {
  const text = await readFile(path.join(folder, 'lineage.csv'), 'utf8');
  const rows = text.trim().split(/\r?\n/).slice(1);
  return new Set(
    rows.map((row) => {
      const fields = row.split(',');
      return `${fields[2]}.${fields[3]} → ${fields[6]}.${fields[7]}`;
    }),
  );
}

/** All three exports are there, and each is what its name says. */
export async function checkExports(folder: string): Promise<Set<string>> {
  const json = JSON.parse(await readFile(path.join(folder, 'lineage.json'), 'utf8')) as unknown;
  expect(typeof json === 'object' && json !== null, `${folder}/lineage.json holds no object`);
  const graphml = await readFile(path.join(folder, 'lineage.graphml'), 'utf8');
  expect(/<graphml[\s>]/.test(graphml), `${folder}/lineage.graphml is no GraphML`);
  const edges = await readEdges(folder);
  expect(edges.size > 0, `${folder}/lineage.csv holds no lineage`);
  return edges;
}

/** Lines of a file, which may be large. */
export async function countLines(file: string): Promise<number> {
  let lines = 0;
  for await (const chunk of createReadStream(file)) {
    for (const byte of chunk as Buffer) if (byte === 10) lines += 1;
  }
  return lines;
}

/** An Excel file is a zip. */
export async function looksLikeExcel(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === 'PK\u0003\u0004';
  } finally {
    await handle.close();
  }
}
