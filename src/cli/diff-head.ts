import { ArtifactNotFoundError } from '../artifacts/errors';
import type { ArtifactStore } from '../artifacts/store';
import type { ArtifactRef } from '../contracts/artifact';
import { printable } from './text-width';

const mostBytes = 65_536;
const mostLines = 30;

/** The beginning of a `diff.md`, and where the rest is. */
export async function diffHead(store: ArtifactStore, diff: ArtifactRef): Promise<string[]> {
  const { signal } = new AbortController();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of await store.open(diff.uri, signal)) {
      chunks.push(chunk as Buffer);
      sizeBytes += (chunk as Buffer).length;
      if (sizeBytes > mostBytes) break;
    }
  } catch (error) {
    if (error instanceof ArtifactNotFoundError) return [printable(error.message)];
    throw error;
  }
  const lines = Buffer.concat(chunks)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  const head = lines.slice(0, mostLines).map(printable);
  return lines.length > mostLines ? [...head, `… the rest is in ${diff.uri}`] : head;
}
