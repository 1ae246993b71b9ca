import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkPipeline, type CheckedPipeline } from '../../src/pipeline-files/check-pipeline';
import { mistakeLine } from '../../src/pipeline-files/places';

const { signal } = new AbortController();

/** A folder with an SQL file, a.sql, until `close` is called. */
export async function sqlFolder(): Promise<{ folder: string; close(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pipeline-files-'));
  await writeFile(path.join(folder, 'a.sql'), 'select 1');
  return { folder, close: () => rm(folder, { recursive: true }) };
}

export function checked(
  text: string,
  folder?: string,
  names: Readonly<Record<string, readonly string[]>> = {},
): Promise<CheckedPipeline> {
  const connections = { names: (vendor: string) => names[vendor] ?? [] };
  return checkPipeline(text, { file: 'etl.yaml', folder, connections, signal });
}

/** Every mistake as a line. */
export async function mistakes(...given: Parameters<typeof checked>): Promise<string[]> {
  return (await checked(...given)).mistakes.map(mistakeLine);
}

/** A pipeline whose steps these are. */
export function withSteps(steps: string, top = ''): string {
  const indented = steps
    .trim()
    .split('\n')
    .map((line) => `  ${line}`);
  return `name: etl\n${top}steps:\n${indented.join('\n')}\n`;
}

export const task = 'linkis: { code: select 1, engine: spark-2.4.3, runType: sql }';
