import type { LineageObject } from '../analysis/model';
import type { LineageView, ShownRelation } from './view';

/** One table flows into another. */
export interface TableRelation {
  readonly relation: ShownRelation;
  readonly source: LineageObject;
  readonly target: LineageObject;
}

/** Relations between tables, each pair of one kind once. */
export function tableRelations(view: LineageView): TableRelation[] {
  const found = new Map<string, TableRelation>();
  for (const relation of view.relations) {
    const target = view.owners.get(relation.target.column);
    for (const { column } of relation.sources) {
      const source = view.owners.get(column);
      if (!source || !target) continue;
      const key = [relation.type, relation.effect, source.id, target.id].join();
      if (!found.has(key)) found.set(key, { relation, source, target });
    }
  }
  return [...found.values()];
}

/** As relations name a table: `Person.Address`. */
export function qualifiedName(object: LineageObject): string {
  return [object.database, object.schema, object.name].filter(Boolean).join('.');
}
