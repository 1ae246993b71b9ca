import type { SqlFlowBehaviour } from '../behaviour';
import type { Job } from '../job';
import type { StoredLineage } from '../job-store';
import type { ColumnUse, LineageColumn, LineageObject } from '../analysis/model';
import type { Place } from '../analysis/source-text';
import { Padding } from './padding';
import { qualifiedName, tableRelations } from './table-level';
import type { LineageView, ShownRelation } from './view';

/** What a table of the padding takes here, a little less than that. */
const bytesATable = 7000;

/** The model as JSON, piece by piece: a large one is never one string. */
export function* jsonOf(
  job: Job,
  lineage: StoredLineage,
  view: LineageView,
  tableToTable: boolean,
  behaviour: SqlFlowBehaviour,
): Generator<string> {
  const warnings = warningsOf(lineage, behaviour);
  const code = warnings && behaviour.warnings === 'code203' ? 203 : 200;
  const isFull = behaviour.exportMode === 'global';
  const isFlat = behaviour.dbObjects === 'flat';
  const padding = new Padding(view, bytesATable, isFull && isFlat ? undefined : 0);
  yield `{"jobId":${text(job.jobId)},"code":${code},`;
  if (warnings) yield `"error":${text(warnings)},`;
  yield `"data":{"mode":${text(behaviour.exportMode)},"summary":${text(summaryOf(view, padding))}`;
  if (isFull) {
    const inside = behaviour.modelPlace === 'data.sqlflow';
    yield inside ? ',"sqlflow":{' : ',';
    yield `"dbvendor":${text(job.dbVendor)},`;
    if (lineage.errors.length > 0) yield `"errors":${text(errorsOf(lineage))},`;
    yield `"${behaviour.relationsKey}":[`;
    yield* joined(relationsOf(view, padding, tableToTable));
    yield '],"dbobjs":';
    if (!isFlat) yield text(serversOf(job, view, behaviour));
    else {
      yield '[';
      yield* joined(objectsOf(view, padding));
      yield ']';
    }
    if (inside) yield '}';
    yield ',"graph":{"elements":{"tables":[],"edges":[]}}';
  }
  yield `},"sessionId":${text(job.sessionId ?? '')}}`;
}

function* joined(items: Iterable<unknown>): Generator<string> {
  let comma = '';
  for (const item of items) {
    yield comma + text(item);
    comma = ',';
  }
}

function text(value: unknown): string {
  return JSON.stringify(value);
}

function* objectsOf(view: LineageView, padding: Padding): Generator<unknown> {
  for (const object of view.objects) yield tableOf(object);
  for (const object of padding.objects()) yield tableOf(object);
  yield* processesOf(view);
}

function* relationsOf(
  view: LineageView,
  padding: Padding,
  tableToTable: boolean,
): Generator<unknown> {
  for (const { id, source, from, target, to } of padding.steps()) {
    const relation = { id, type: 'fdd', effect: 'insert' } as const;
    yield relationOf(relation, endOf(target, to), [endOf(source, from)]);
  }
  if (!tableToTable) {
    for (const relation of view.relations) {
      yield relationOf(
        relation,
        columnEnd(view, relation.target),
        relation.sources.map((use) => columnEnd(view, use)),
      );
    }
    return;
  }
  for (const [index, { relation, source, target }] of tableRelations(view).entries()) {
    yield relationOf({ ...relation, id: index + 1 }, tableEnd(target), [tableEnd(source)]);
  }
}

function relationOf(
  relation: Omit<ShownRelation, 'target' | 'sources'>,
  target: unknown,
  sources: unknown[],
) {
  return {
    id: String(relation.id),
    type: relation.type,
    effectType: relation.effect,
    target,
    sources,
    ...(relation.condition && { condition: relation.condition }),
    ...(relation.process && { processId: String(relation.process) }),
  };
}

function columnEnd(view: LineageView, { column, place }: ColumnUse) {
  const shown = { id: column, name: view.columns.get(column)?.name ?? '' };
  return endOf(view.owners.get(column), shown, place ? [place] : []);
}

function endOf(
  owner: LineageObject | undefined,
  { id, name }: Pick<LineageColumn, 'id' | 'name'>,
  places: readonly Place[] = [],
) {
  return {
    id: String(id),
    column: name,
    parentId: String(owner?.id ?? ''),
    parentName: owner ? qualifiedName(owner) : '',
    coordinates: coordinates(places),
  };
}

/** A whole table: the star stands for its columns. */
function tableEnd(object: LineageObject) {
  const id = String(object.id);
  return { id, column: '*', parentId: id, parentName: qualifiedName(object), coordinates: [] };
}

function tableOf(object: LineageObject) {
  return {
    id: String(object.id),
    name: qualifiedName(object),
    type: object.kind,
    columns: object.columns.map(columnOf),
    coordinates: coordinates(object.places),
  };
}

function columnOf({ id, name, places, rows }: LineageColumn) {
  return {
    id: String(id),
    name,
    coordinates: coordinates(places),
    ...(rows && { source: 'system' }),
  };
}

function processesOf(view: LineageView) {
  return view.processes.map(({ queryHashId, name, id, places }) => ({
    queryHashId,
    name,
    id: String(id),
    type: 'process',
    coordinates: coordinates(places),
  }));
}

/** `hashCode` is the file's number, from 0; then its line and column, where it begins and ends. */
function coordinates(places: readonly Place[]) {
  return places.flatMap((place) => [
    { hashCode: String(place.file), x: place.line, y: place.column },
    { hashCode: String(place.file), x: place.endLine, y: place.endColumn },
  ]);
}

function errorsOf(lineage: StoredLineage) {
  return lineage.errors.map(({ errorMessage, errorType, place }) => ({
    errorMessage: `${lineage.fileNames[place.file] ?? ''}(${place.line},${place.column}): ${errorMessage}`,
    errorType,
    coordinates: coordinates([place]),
  }));
}

function warningsOf(lineage: StoredLineage, behaviour: SqlFlowBehaviour): string | undefined {
  if (behaviour.warnings === 'none' || lineage.errors.length === 0) return undefined;
  return errorsOf(lineage)
    .map(({ errorMessage }) => errorMessage)
    .join('\n');
}

function serversOf(job: Job, view: LineageView, { unnamed }: SqlFlowBehaviour) {
  const databases = new Map<string, Map<string, LineageObject[]>>();
  for (const object of view.objects) {
    const schemas = databases.get(object.database ?? unnamed) ?? new Map<string, LineageObject[]>();
    databases.set(object.database ?? unnamed, schemas);
    const schema = object.schema ?? unnamed;
    schemas.set(schema, [...(schemas.get(schema) ?? []), object]);
  }
  const processes = processesOf(view);
  const tables = (objects: readonly LineageObject[], kind: LineageObject['kind']) =>
    objects
      .filter((object) => object.kind === kind)
      .map((object) => ({ ...tableOf(object), name: object.name }));
  return {
    createdBy: 'local SQLFlow',
    servers: [
      {
        name: unnamed,
        dbVendor: job.dbVendor,
        databases: [...databases].map(([name, schemas], index) => ({
          name,
          schemas: [...schemas].map(([schema, objects]) => ({
            name: schema,
            tables: tables(objects, 'table'),
            views: tables(objects, 'view'),
            others: tables(objects, 'resultset'),
          })),
          ...(index === 0 && processes.length > 0 && { processes }),
        })),
      },
    ],
  };
}

function summaryOf(view: LineageView, padding: Padding) {
  const tables = view.objects.filter(({ kind }) => kind !== 'resultset');
  const counts = new Map<LineageObject, number>();
  for (const { target, sources } of view.relations) {
    for (const { column } of [target, ...sources]) {
      const owner = view.owners.get(column);
      if (owner && owner.kind !== 'resultset') counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
  }
  const busiest = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3);
  const distinct = (values: (string | undefined)[]) => new Set(values.filter(Boolean)).size;
  return {
    schema: distinct(tables.map(({ database, schema }) => schema && `${database ?? ''}.${schema}`)),
    process: view.processes.length,
    database: distinct(tables.map(({ database }) => database)),
    view: tables.filter(({ kind }) => kind === 'view').length,
    mostRelationTables: busiest.map(([object, count]) => ({
      table: qualifiedName(object),
      relationCount: count,
    })),
    column: tables.reduce((sum, { columns }) => sum + columns.length, padding.columns),
    relationship: view.relations.length + padding.relations,
    table: tables.filter(({ kind }) => kind === 'table').length + padding.tables,
  };
}
