import { revisionResult } from '../lineage/revisions';
import { usageError } from './errors';
import {
  loadLineage,
  parseRevision,
  type LineageSourceOptions,
  type LoadedLineage,
} from './lineage-source';
import type { Session } from './session';

/**
 * The two lineages that are to be compared: both as they are named, a revision and its chain's
 * latest one, or a chain's latest and the one that it was compared with when it was made.
 */
export async function comparedSources(
  session: Session,
  named: readonly (string | undefined)[],
  options: LineageSourceOptions,
): Promise<readonly [before: LoadedLineage, after: LoadedLineage]> {
  const [first, second] = named;
  if (first !== undefined && second !== undefined) {
    if (options.chain !== undefined) throw usageError('Give two lineages or --chain, not both.');
    return [
      await loadLineage(session, first, options),
      await loadLineage(session, second, options),
    ];
  }
  const one = await loadLineage(session, first, options);
  if (one.chain === undefined) {
    throw usageError(`${one.label} is compared with nothing: name a second file or revision.`);
  }
  const { place, revision } = one.chain;
  const wanted = parseRevision(first ?? options.chain ?? '').revision;
  if (wanted !== undefined) {
    return [one, await loadLineage(session, place.chain, { connection: place.connection })];
  }
  const result = await revisionResult(place, revision);
  if (result?.comparedWith === undefined) {
    throw usageError(
      `Revision ${revision} is the first of ${place.chain}: there is nothing to compare it with.`,
    );
  }
  const earlier = `${place.chain}@${result.comparedWith}`;
  return [await loadLineage(session, earlier, { connection: place.connection }), one];
}
