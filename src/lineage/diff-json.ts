import { countLineage } from './counts';
import type { LineageDiff } from './diff';
import { columnEntries, datasetEntries, edgeEntries } from './diff-entries';

/**
 * `diff.json`, piece by piece: `{ version, before, after, change, datasets, columns, edges }`. The
 * first two hold counts; each entry of the lists has a `sign`, `+` or `-`.
 */
export function* diffJson(diff: LineageDiff): Generator<string> {
  yield* batched(pieces(diff));
}

function* pieces(diff: LineageDiff): Generator<string> {
  const { change, ...after } = countLineage(diff.after, diff);
  yield `{"version":1,"before":${JSON.stringify(countLineage(diff.before))},`;
  yield `"after":${JSON.stringify(after)},"change":${JSON.stringify(change)},`;
  yield* list('datasets', datasetEntries(diff));
  yield ',';
  yield* list('columns', columnEntries(diff, { all: true }));
  yield ',';
  yield* list('edges', edgeEntries(diff));
  yield '}\n';
}

function* list(name: string, entries: Iterable<unknown>): Generator<string> {
  yield `"${name}":[`;
  let before = '';
  for (const entry of entries) {
    yield before + JSON.stringify(entry);
    before = ',\n';
  }
  yield ']';
}

const batchCharacters = 2 ** 16;

/** Larger pieces: a write for each of a million entries would take most of the time. */
export function* batched(parts: Iterable<string>): Generator<string> {
  let batch = '';
  for (const part of parts) {
    batch += part;
    if (batch.length < batchCharacters) continue;
    yield batch;
    batch = '';
  }
  if (batch !== '') yield batch;
}
