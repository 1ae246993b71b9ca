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
  const lines = plainLines(Buffer.concat(chunks).toString('utf8'));
  const head = lines.slice(0, mostLines).map(printable);
  return lines.length > mostLines ? [...head, `… the rest is in ${diff.uri}`] : head;
}

/** Markdown as a terminal shows it; what it doesn't know stays as it is. */
function plainLines(markdown: string): string[] {
  const lines: string[] = [];
  let inCounts = false;
  for (const line of markdown.split('\n')) {
    // The gate's reasons come before the counts, and have been told.
    if (line === '' || line.startsWith('**The gate') || (!inCounts && line.startsWith('- ')))
      continue;
    if (/^<\/?details/.test(line)) continue;
    if (line.startsWith('|')) {
      inCounts = true;
      lines.push(...countsOf(line));
      continue;
    }
    lines.push(line.replace(/^## Lineage: /, '').replace(/^<summary>(.*)<\/summary>$/, '$1'));
  }
  return lines;
}

/** `| edges | 12 | 10 | −3 | +1 |` → `edges: 12 → 10 (−3 +1)`, and nothing of what stayed the same. */
function countsOf(row: string): string[] {
  const [name = '', before = '', after = '', ...changes] = row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
  const signs = changes.filter((cell) => cell !== '');
  if (!/^\d+$/.test(before) || (before === after && signs.length === 0)) return [];
  return [`${name}: ${before} → ${after}${signs.length > 0 ? ` (${signs.join(' ')})` : ''}`];
}
