import { analyze } from '../../../src/local/sqlflow/analysis/analyze';
import { loadPolyglot } from '../../../src/local/sqlflow/analysis/polyglot';
import { viewOf, type ViewSettings } from '../../../src/local/sqlflow/exports/view';
import { qualifiedName } from '../../../src/local/sqlflow/exports/table-level';
import type { StoredLineage } from '../../../src/local/sqlflow/job-store';

const everySetting: ViewSettings = {
  showRelationType: 'fdd',
  ignoreRecordSet: true,
  ignoreFunction: true,
  showConstantTable: false,
  showTransform: false,
  treatArgumentsInCountFunctionAsDirectDataflow: false,
  tableToTable: false,
  simpleOutput: false,
  filter: { database: '', schema: '', table: '', column: '' },
};

export interface Found {
  readonly lineage: StoredLineage;
  /** `t.a -> v.b`, sorted; other types than fdd as `t.a -fdr-> v.RelationRows`. */
  edges(types?: string, settings?: Partial<ViewSettings>): string[];
  /** `SyntaxHint 0:3 words` */
  readonly errors: string[];
}

/** What the engine finds in these files. */
export async function find(
  dbVendor: string,
  sql: string | readonly string[],
  defaults: { database?: string; schema?: string } = {},
): Promise<Found> {
  const texts = typeof sql === 'string' ? [sql] : sql;
  const files = texts.map((text, index) => ({ name: `${index}.sql`, read: async () => text }));
  const found = await analyze({ dbVendor, files, ...defaults }, await loadPolyglot());
  const lineage = { ...found, fileNames: files.map(({ name }) => name) };
  return {
    lineage,
    edges: (types = 'fdd', settings = {}) => edgesOf(lineage, types, settings),
    errors: lineage.errors.map(
      ({ errorType, place, errorMessage }) =>
        `${errorType} ${place.file}:${place.line} ${errorMessage}`,
    ),
  };
}

function edgesOf(
  lineage: StoredLineage,
  showRelationType: string,
  settings: Partial<ViewSettings>,
): string[] {
  const view = viewOf(lineage, { ...everySetting, showRelationType, ...settings });
  const name = (column: number) => {
    const owner = view.owners.get(column);
    return `${owner ? qualifiedName(owner) : '?'}.${view.columns.get(column)?.name}`;
  };
  return view.relations
    .flatMap(({ type, target, sources }) =>
      sources.map(({ column }) => {
        const arrow = type === 'fdd' ? '->' : `-${type}->`;
        return `${name(column)} ${arrow} ${name(target.column)}`;
      }),
    )
    .filter((edge, index, all) => all.indexOf(edge) === index)
    .sort();
}
