import type { LineageObject, RelationType } from '../analysis/model';
import type { ShownRelation } from './view';

/** A column that a path begins at, and what the whole path is. */
interface Origin {
  readonly column: number;
  readonly type: RelationType;
}

/**
 * Leaves out the result sets between what is read and what is written. A result set that nobody
 * reads, as that of a query by itself, stays.
 */
export function endToEnd(
  relations: readonly ShownRelation[],
  owners: ReadonlyMap<number, LineageObject>,
): ShownRelation[] {
  const into = new Map<number, ShownRelation[]>();
  const read = new Set<LineageObject>();
  for (const relation of relations) {
    if (relation.type === 'join') continue;
    const list = into.get(relation.target.column);
    if (list) list.push(relation);
    else into.set(relation.target.column, [relation]);
    const target = owners.get(relation.target.column);
    for (const { column } of relation.sources) {
      const owner = owners.get(column);
      if (owner && owner !== target) read.add(owner);
    }
  }
  const isBetween = (column: number) => {
    const owner = owners.get(column);
    return owner?.kind === 'resultset' && read.has(owner);
  };
  const collapsed: ShownRelation[] = [];
  const seen = new Set<string>();
  const add = (relation: ShownRelation, type: RelationType, sources: readonly number[]) => {
    const unique = sources.filter((column) => {
      const key = [type, relation.effect, relation.process, relation.target.column, column].join();
      return !seen.has(key) && seen.add(key);
    });
    if (unique.length === 0) return;
    collapsed.push({ ...relation, type, sources: unique.map((column) => ({ column })) });
  };
  for (const relation of relations) {
    if (relation.type === 'join') {
      const targets = originsOf([relation.target.column], 'fdd', into, isBetween);
      const sources = originsOf(
        relation.sources.map(({ column }) => column),
        'fdd',
        into,
        isBetween,
      );
      for (const { column } of targets.filter(({ type }) => type === 'fdd')) {
        const direct = sources.filter(({ type }) => type === 'fdd');
        add(
          { ...relation, target: { column } },
          'join',
          direct.map((source) => source.column),
        );
      }
      continue;
    }
    if (isBetween(relation.target.column)) continue;
    const columns = relation.sources.map(({ column }) => column);
    const origins = originsOf(columns, relation.type, into, isBetween);
    for (const type of ['fdd', 'frd', 'fdr'] as const) {
      add(
        relation,
        type,
        origins.filter((origin) => origin.type === type).map(({ column }) => column),
      );
    }
  }
  return numbered(collapsed);
}

/** Walks back over result sets to where the data comes from. */
function originsOf(
  columns: readonly number[],
  type: RelationType,
  into: ReadonlyMap<number, readonly ShownRelation[]>,
  isBetween: (column: number) => boolean,
): Origin[] {
  const origins: Origin[] = [];
  const pending: Origin[] = columns.map((column) => ({ column, type }));
  const seen = new Set<string>();
  for (let at = pending.pop(); at; at = pending.pop()) {
    const key = `${at.column} ${at.type}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (!isBetween(at.column)) origins.push(at);
    else {
      for (const relation of into.get(at.column) ?? []) {
        const along = weaker(at.type, relation.type);
        pending.push(...relation.sources.map(({ column }) => ({ column, type: along })));
      }
    }
  }
  return origins.reverse();
}

/** A path is as direct as its least direct step. */
function weaker(one: RelationType, other: RelationType): RelationType {
  if (one === 'fdr' || other === 'fdr') return 'fdr';
  return one === 'frd' || other === 'frd' ? 'frd' : 'fdd';
}

/** One relation may have become several. */
function numbered(relations: readonly ShownRelation[]): ShownRelation[] {
  const used = new Set<number>();
  let last = Math.max(0, ...relations.slice(-1).map(({ id }) => id));
  for (const { id } of relations) last = Math.max(last, id);
  return relations.map((relation) => {
    const id = used.has(relation.id) ? (last += 1) : relation.id;
    used.add(id);
    return { ...relation, id };
  });
}
