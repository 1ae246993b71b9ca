import type { ExportShape } from '../../src/contracts/chain';
import { revisionResult, type ChainPlace } from '../../src/lineage/revisions';

/** Settings that are named one by one. */
const mostNamed = 10;

/**
 * Says in a sentence that an earlier revision was exported with other settings: lineage then differs
 * though the code doesn't. Undefined where it was not, or nobody can tell any more.
 */
export async function exportedOtherwise(
  { revision, ...place }: ChainPlace & { readonly revision: number },
  now: ExportShape,
): Promise<string | undefined> {
  const before = await shapeOf(place, revision);
  if (before === undefined) return undefined;
  const [one, other] = [settingsOf(before), settingsOf(now)];
  const names = [...new Set([...one.keys(), ...other.keys()])];
  const changed = names.filter((name) => one.get(name) !== other.get(name));
  if (changed.length === 0) return undefined;
  return `the exports' settings changed since revision ${revision} (${changed.slice(0, mostNamed).join(', ')}), so lineage may have come or gone for that alone`;
}

async function shapeOf(place: ChainPlace, revision: number): Promise<ExportShape | undefined> {
  try {
    return (await revisionResult(place, revision))?.exportedWith;
  } catch (error) {
    // Damaged: it costs this one word.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function settingsOf({ tableToTable, exportSettings }: ExportShape): ReadonlyMap<string, unknown> {
  const all = { tableToTable: tableToTable ?? false, ...exportSettings };
  return new Map(Object.entries(all).filter(([, value]) => value !== undefined));
}
