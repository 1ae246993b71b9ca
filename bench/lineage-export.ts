import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { batched } from '../src/lineage/diff-json';

export interface ExportShape {
  /** Files of about so many bytes. */
  readonly sizeBytes: number;
  /** Another revision: a part of the edges is different, and every id, number and order. */
  readonly revision: 0 | 1;
}

const columns = 20;

/**
 * Writes a JSON export as SQLFlow does: statements that read three tables over two result sets
 * into a fourth, every column with its places in the text, filters as `RelationRows`.
 */
export async function writeExport(file: string, shape: ExportShape): Promise<void> {
  await pipeline(Readable.from(batched(pieces(shape))), createWriteStream(file));
}

function* pieces({ sizeBytes, revision }: ExportShape): Generator<string> {
  yield `{"jobId":"c359aef4bd9641d697732422debd8055","code":200,"data":{"mode":"global","sqlflow":{"dbvendor":"dbvhive","relationships":[`;
  // About three fifths of an export are relationships.
  const statements = statementsOf(sizeBytes);
  let comma = '';
  for (let number = 0; number < statements; number += 1) {
    const statement = revision === 0 ? number : statements - 1 - number;
    for (const relation of relations(statement, revision)) {
      yield comma + JSON.stringify(relation);
      comma = ',';
    }
  }
  yield '],"dbobjs":[';
  comma = '';
  for (let statement = 0; statement < statements; statement += 1) {
    for (const object of objects(statement, revision)) {
      yield comma + JSON.stringify(object);
      comma = ',';
    }
  }
  yield ']},"graph":{"elements":{"tables":[],"edges":[]}}},"sessionId":"1"}';
}

/** As measured: so many bytes a statement. */
const bytesAStatement = 35_100;

function statementsOf(sizeBytes: number): number {
  return Math.max(2, Math.round(sizeBytes / bytesAStatement));
}

function* relations(statement: number, revision: number) {
  const [inner, outer, target] = [
    `RS-${2 * statement + 1}`,
    `RS-${2 * statement + 2}`,
    tableName(statement),
  ];
  for (let column = 0; column < columns; column += 1) {
    const source = sourceName(statement, column);
    // One column in a hundred reads another one in the other revision.
    const isMoved = revision === 1 && (statement * columns + column) % 100 === 0;
    const read = isMoved ? (column + 1) % columns : column;
    yield relation('fdd', 'select', [[source, `col_${read}`]], [inner, `col_${column}`], revision);
    yield relation('fdd', 'select', [[inner, `col_${column}`]], [outer, `col_${column}`], revision);
    yield relation(
      'fdd',
      'insert',
      [[outer, `col_${column}`]],
      [target, `col_${column}`],
      revision,
    );
  }
  const filters = [0, 1, 2].map(
    (column) => [sourceName(statement, column), `col_${column}`] as const,
  );
  yield relation('fdr', 'select', filters, [inner, 'RelationRows'], revision);
  yield relation('fdr', 'select', [[inner, 'RelationRows']], [outer, 'RelationRows'], revision);
  yield relation('fdr', 'insert', [[outer, 'RelationRows']], [target, 'RelationRows'], revision);
}

type End = readonly [table: string, column: string];

function relation(
  type: string,
  effectType: string,
  sources: readonly End[],
  target: End,
  revision: number,
) {
  const end = ([table, column]: End) => ({
    id: idOf(`${table}.${column}`, revision),
    column: spelled(column, revision),
    parentId: idOf(table, revision),
    parentName: spelled(table, revision),
    coordinates: places(column),
  });
  return {
    id: idOf(`${type} ${target.join('.')}`, revision),
    type,
    effectType,
    target: end(target),
    sources: sources.map(end),
  };
}

function* objects(statement: number, revision: number) {
  const names = [tableName(statement), `RS-${2 * statement + 1}`, `RS-${2 * statement + 2}`];
  for (const name of names) {
    yield {
      id: idOf(name, revision),
      name: spelled(name, revision),
      type: name.startsWith('RS-') ? 'select_list' : 'table',
      columns: [...Array<unknown>(columns).keys()].map((column) => ({
        id: idOf(`${name}.col_${column}`, revision),
        name: spelled(`col_${column}`, revision),
        coordinates: places(`col_${column}`),
      })),
      coordinates: places(name),
    };
  }
}

function tableName(statement: number): string {
  return `warehouse.layer_${statement % 7}.table_number_${statement}`;
}

/** Three of the tables before. */
function sourceName(statement: number, column: number): string {
  return tableName(Math.max(0, statement - 1 - (column % 3) * 5));
}

function spelled(name: string, revision: number): string {
  return revision === 0 ? name.toUpperCase() : name;
}

/** Ids that differ from revision to revision. */
function idOf(name: string, revision: number): string {
  let hash = revision + 7;
  for (let index = 0; index < name.length; index += 1) {
    hash = (hash * 131 + name.charCodeAt(index)) % 9_007_199_254_740;
  }
  return String(hash);
}

function places(name: string) {
  const y = 8 + name.length;
  return [
    { hashCode: '0', x: 31, y },
    { hashCode: '0', x: 31, y: y + name.length },
  ];
}
