import type { LineageSettings } from '../job';
import type { StoredLineage } from '../job-store';
import type {
  ColumnUse,
  LineageColumn,
  LineageObject,
  LineageProcess,
  LineageRelation,
  RelationType,
} from '../analysis/model';
import { endToEnd } from './end-to-end';
import { related, type NameFilter } from './filter';

/** What an export shows, and how. */
export interface ViewSettings extends LineageSettings {
  readonly tableToTable: boolean;
  /** Only what is read and written, without the result sets between. */
  readonly simpleOutput: boolean;
  readonly filter: NameFilter;
}

export interface ShownRelation {
  readonly id: number;
  readonly type: RelationType;
  readonly effect: string;
  readonly target: ColumnUse;
  readonly sources: readonly ColumnUse[];
  readonly process?: number;
  readonly condition?: string;
}

/** A lineage as one export shows it. */
export interface LineageView {
  readonly objects: readonly LineageObject[];
  readonly processes: readonly LineageProcess[];
  readonly relations: readonly ShownRelation[];
  /** The object of each column, by the column's id. */
  readonly owners: ReadonlyMap<number, LineageObject>;
  readonly columns: ReadonlyMap<number, LineageColumn>;
  /** The export is to have so many bytes at least; 0 where its own are enough. */
  readonly paddedToBytes: number;
}

export function viewOf(lineage: StoredLineage, settings: ViewSettings): LineageView {
  const owners = new Map<number, LineageObject>();
  const columns = new Map<number, LineageColumn>();
  for (const object of lineage.objects) {
    for (const column of object.columns) {
      owners.set(column.id, object);
      columns.set(column.id, column);
    }
  }
  const typed = lineage.relations.map((relation) => asShown(relation, settings));
  const collapses = settings.ignoreRecordSet || settings.simpleOutput || settings.tableToTable;
  const all = collapses ? endToEnd(typed, owners) : typed;
  const types = new Set(settings.showRelationType.toLowerCase().split(/[\s,]+/));
  const wanted = all.filter(({ type }) => types.has(type));
  const relations = related(wanted, owners, columns, settings.filter);
  const isWhole = !settings.tableToTable && types.has('fdd') && !isFiltered(settings);
  const paddedToBytes = isWhole ? (lineage.paddedToBytes ?? 0) : 0;
  return { ...shownParts(lineage, relations, settings), relations, owners, columns, paddedToBytes };
}

/** The argument of a COUNT flows directly only where the reader wants it so. */
function asShown(relation: LineageRelation, settings: ViewSettings): ShownRelation {
  const { counted, ...shown } = relation;
  const isDirect = counted && settings.treatArgumentsInCountFunctionAsDirectDataflow;
  return isDirect ? { ...shown, type: 'fdd' } : shown;
}

/** Objects and processes that belong to what is shown; without a filter, every table and view. */
function shownParts(
  lineage: StoredLineage,
  relations: readonly ShownRelation[],
  settings: ViewSettings,
): Pick<LineageView, 'objects' | 'processes'> {
  const used = new Set(
    relations.flatMap(({ target, sources }) => [target, ...sources]).map(({ column }) => column),
  );
  const onlyUsed = isFiltered(settings);
  const processIds = new Set(relations.map(({ process }) => process));
  const objects = lineage.objects.flatMap((object) => {
    const isUsed = object.columns.some(({ id }) => used.has(id));
    if (!isUsed && (onlyUsed || object.kind === 'resultset')) return [];
    // The rows of a table are shown only where something is said of them.
    return [{ ...object, columns: object.columns.filter(({ id, rows }) => !rows || used.has(id)) }];
  });
  return { objects, processes: lineage.processes.filter(({ id }) => processIds.has(id)) };
}

function isFiltered({ filter }: ViewSettings): boolean {
  return Object.values(filter).some((value) => value !== '');
}
