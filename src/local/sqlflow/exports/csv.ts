import type { SqlFlowBehaviour } from '../behaviour';
import type { LineageObject } from '../analysis/model';
import { Padding } from './padding';
import { tableRelations } from './table-level';
import type { LineageView } from './view';

/** What a table of the padding takes here, a little less than that. */
const bytesATable = 1550;

/** The lineage from end to end, one line for each pair of columns, or of tables. */
export function* csvOf(
  view: LineageView,
  delimiter: string,
  tableToTable: boolean,
  behaviour: SqlFlowBehaviour,
): Generator<string> {
  const isQuoted = behaviour.csvStyle === 'quoted';
  const line = (values: readonly string[]) =>
    `${values.map((value) => quote(value, delimiter, isQuoted)).join(delimiter)}\n`;
  const place = (object: LineageObject) => [
    object.database ?? behaviour.unnamed,
    object.schema ?? behaviour.unnamed,
    object.name,
  ];
  yield line([
    ...['source_db', 'source_schema', 'source_table', 'source_column'],
    ...['target_db', 'target_schema', 'target_table', 'target_column'],
    'relation_type',
    isQuoted ? 'effectType' : 'effect_type',
  ]);
  if (tableToTable) {
    for (const { relation, source, target } of tableRelations(view)) {
      yield line([...place(source), '', ...place(target), '', relation.type, relation.effect]);
    }
    return;
  }
  for (const { source, from, target, to } of new Padding(view, bytesATable).steps()) {
    yield line([...place(source), from.name, ...place(target), to.name, 'fdd', 'insert']);
  }
  for (const { sources, target, type, effect } of view.relations) {
    const to = view.owners.get(target.column);
    const toColumn = view.columns.get(target.column)?.name ?? '';
    for (const { column } of sources) {
      const from = view.owners.get(column);
      if (!from || !to) continue;
      const fromColumn = view.columns.get(column)?.name ?? '';
      yield line([...place(from), fromColumn, ...place(to), toColumn, type, effect]);
    }
  }
}

function quote(value: string, delimiter: string, always: boolean): string {
  const needed = always || value.includes(delimiter) || /["\r\n]/.test(value);
  return needed ? `"${value.replaceAll('"', '""')}"` : value;
}
