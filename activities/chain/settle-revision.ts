import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ArtifactNotFoundError } from '../../src/artifacts/errors';
import type { ArtifactStore } from '../../src/artifacts/store';
import type { ArtifactRef } from '../../src/contracts/artifact';
import { revisionArtifacts, revisionFolder, type FileError } from '../../src/contracts/chain';
import type {
  FileErrors,
  SettledRevision,
  SettleRevisionInput,
} from '../../src/contracts/chain-steps';
import type { GateVerdict, LineageGate } from '../../src/contracts/lineage-gate';
import { countLineage } from '../../src/lineage/counts';
import { diffLineage, type LineageDiff } from '../../src/lineage/diff';
import { diffJson } from '../../src/lineage/diff-json';
import { diffMarkdown } from '../../src/lineage/diff-markdown';
import { idlePatterns } from '../../src/lineage/dataset-patterns';
import { checkGate } from '../../src/lineage/gate';
import { LineageError } from '../../src/lineage/errors';
import type { Lineage } from '../../src/lineage/model';
import { readLineage } from '../../src/lineage/read-lineage';
import { renderHtml } from '../../src/lineage/render/render-html';
import { exportedOtherwise } from './exported-otherwise';
import { putJson } from './put-json';
import { withoutZips } from './without-zips';

/** More of them than anybody reads; the export has all. */
const mostErrors = 100_000;

const mostReasons = 20;
/** Patterns that a warning names. */
const mostPatterns = 5;

/** Reads a revision's export, compares it with the one before, and writes what a person looks at. */
export async function settleRevision(
  store: ArtifactStore,
  input: SettleRevisionInput,
  signal: AbortSignal,
): Promise<SettledRevision> {
  const { connection, chain, revision, status, exportedWith, before, gate } = input;
  const place = { store, connection, chain, signal };
  const folder = revisionFolder(connection, chain, revision);
  const keyOf = (name: keyof typeof revisionArtifacts) => `${folder}/${revisionArtifacts[name]}`;
  const read = async ({ uri }: ArtifactRef): Promise<Lineage> =>
    readLineage(await store.open(uri, signal), { signal });

  const warnings: string[] = [];
  const lineage = withoutZips(chain, await read(input.lineage));
  const earlier = before && (await readEarlier(before));
  const diff = earlier && diffLineage(earlier, lineage);
  const { errors, notice } = lineage;
  const told: FileErrors = { total: errors.length, errors: errors.slice(0, mostErrors) };
  const fileErrors = await putJson(store, keyOf('fileErrors'), told, signal);

  const otherwise =
    before &&
    diff &&
    (await exportedOtherwise({ ...place, revision: before.revision }, exportedWith));
  if (otherwise !== undefined) warnings.push(otherwise);

  if (errors.length > 0) warnings.push(errorWords(errors));
  else if (notice && notice.words.length > 0) {
    warnings.push(`SQLFlow says of the whole export: ${notice.words.join('; ')}`);
  }
  // Of a lineage that can't be read any more nobody knows what it would have matched.
  const known = before && !diff ? [] : (gate?.protect ?? []);
  const idle = idlePatterns(known, earlier ? [earlier, lineage] : [lineage]);
  if (idle.length > 0) warnings.push(idleWords(idle));

  const checked = gate && checkGate(gate, { after: lineage, diff, status });
  const verdict =
    checked && before && !diff
      ? blindVerdict(gate, checked, before.revision)
      : withCause(checked, otherwise);
  const diffs = before && diff && (await putDiffs(before.revision, diff));

  let picture: ArtifactRef | undefined;
  try {
    const compared = diff && before ? `, compared with revision ${before.revision}` : '';
    const title = `${chain}, revision ${revision}${compared}`;
    const page = renderHtml(lineage, { title, diff, signal });
    picture = await store.put(keyOf('picture'), page, { format: 'html', signal });
  } catch (error) {
    signal.throwIfAborted();
    const words = error instanceof Error ? error.message : String(error);
    warnings.push(`the picture of the lineage could not be made: ${words}`);
  }
  return {
    counts: countLineage(lineage, diff),
    verdict,
    artifacts: { ...diffs, fileErrors, picture },
    comparedWith: diff && before?.revision,
    warnings,
  };

  /** One that was cleared away, or damaged, must not stop the chain for ever. */
  async function readEarlier(revisionBefore: NonNullable<typeof before>) {
    try {
      const { uri, sha256 } = revisionBefore.lineage;
      const hash = createHash('sha256');
      const found = await readLineage(hashed(await store.open(uri, signal), hash), { signal });
      if (hash.digest('hex') !== sha256) {
        warnings.push(
          `the lineage of revision ${revisionBefore.revision} was changed in the artifact store after it was written (its SHA-256 is another one), so the comparison with it may be wrong`,
        );
      }
      return found;
    } catch (error) {
      const isLost = error instanceof ArtifactNotFoundError || error instanceof LineageError;
      if (!isLost) throw error;
      warnings.push(
        `there is nothing to compare with, since the lineage of revision ${revisionBefore.revision} can't be read any more: ${error.message}`,
      );
      return undefined;
    }
  }

  async function putDiffs(comparedWith: number, found: LineageDiff) {
    const labels = [`${chain}@${comparedWith}`, `${chain}@${revision}`] as const;
    const text = Readable.from([diffMarkdown(found, { labels, gate: verdict })]);
    const json = Readable.from(diffJson(found));
    return {
      diffJson: await store.put(keyOf('diffJson'), json, { format: 'json', signal }),
      diffMarkdown: await store.put(keyOf('diffMarkdown'), text, { format: 'markdown', signal }),
    };
  }
}

async function* hashed(body: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
}

/** One warning for all of them, so that it leaves room for others. */
function errorWords(errors: readonly FileError[]): string {
  const files = new Set(errors.flatMap(({ file }) => file ?? [])).size;
  const where = files === 0 ? '' : ` in ${files === 1 ? '1 file' : `${files} files`}`;
  const howMany = errors.length === 1 ? '1 error' : `${errors.length} errors`;
  return `SQLFlow tells of ${howMany}${where}: see ${revisionArtifacts.fileErrors}`;
}

/** A slip of the pen would leave the gate open for ever, and nobody would know. */
function idleWords(patterns: readonly string[]): string {
  const left = patterns.length - mostPatterns;
  const more = left > 0 ? ` (and ${left} more)` : '';
  return `protect ${patterns.slice(0, mostPatterns).join(', ')}${more} matches no dataset, so the gate doesn't watch it`;
}

/** Whoever reads why a gate closed must know that the code may not be the cause. */
function withCause(
  verdict: GateVerdict | undefined,
  cause: string | undefined,
): GateVerdict | undefined {
  if (cause === undefined || verdict?.closed !== true) return verdict;
  return { closed: true, reasons: [cause, ...verdict.reasons].slice(0, mostReasons) };
}

/** What vanished can't be told: a gate that is about that doesn't open by itself. */
function blindVerdict(gate: LineageGate, checked: GateVerdict, revision: number): GateVerdict {
  const { maxRemovedEdges, maxRemovedPercent, protect = [] } = gate;
  const compares =
    maxRemovedEdges !== undefined || maxRemovedPercent !== undefined || protect.length > 0;
  if (!compares) return checked;
  const reason = `what vanished can't be told, since the lineage of revision ${revision} can't be read any more`;
  return { closed: true, reasons: [reason, ...checked.reasons] };
}
