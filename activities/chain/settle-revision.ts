import { Readable } from 'node:stream';
import type { ArtifactStore } from '../../src/artifacts/store';
import type { ArtifactRef } from '../../src/contracts/artifact';
import { revisionArtifacts, revisionFolder } from '../../src/contracts/chain';
import type {
  FileErrors,
  SettledRevision,
  SettleRevisionInput,
} from '../../src/contracts/chain-steps';
import { countLineage } from '../../src/lineage/counts';
import { diffLineage, type LineageDiff } from '../../src/lineage/diff';
import { diffJson } from '../../src/lineage/diff-json';
import { diffMarkdown } from '../../src/lineage/diff-markdown';
import { checkGate } from '../../src/lineage/gate';
import type { Lineage } from '../../src/lineage/model';
import { readLineage } from '../../src/lineage/read-lineage';
import { renderHtml } from '../../src/lineage/render/render-html';
import { putJson } from './put-json';

/** More of them than anybody reads; the export has all. */
const mostErrors = 100_000;

/** Reads a revision's export, compares it with the one before, and writes what a person looks at. */
export async function settleRevision(
  store: ArtifactStore,
  { connection, chain, revision, lineage: ref, before, gate }: SettleRevisionInput,
  signal: AbortSignal,
): Promise<SettledRevision> {
  const folder = revisionFolder(connection, chain, revision);
  const keyOf = (name: keyof typeof revisionArtifacts) => `${folder}/${revisionArtifacts[name]}`;
  const read = async ({ uri }: ArtifactRef): Promise<Lineage> =>
    readLineage(await store.open(uri, signal), { signal });

  const lineage = await read(ref);
  const diff = before && diffLineage(await read(before.lineage), lineage);
  const { errors } = lineage;
  const told: FileErrors = { total: errors.length, errors: errors.slice(0, mostErrors) };
  const fileErrors = await putJson(store, keyOf('fileErrors'), told, signal);

  const verdict = gate && checkGate(gate, { after: lineage, diff });
  const diffs = before && diff && (await putDiffs(before.revision, diff));

  const warnings: string[] = [];
  let picture: ArtifactRef | undefined;
  try {
    const title = `${chain}, revision ${revision}`;
    const page = renderHtml(lineage, { title, signal });
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
    warnings,
  };

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
