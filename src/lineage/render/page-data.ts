import { edgeKinds } from '../model';
import { marks, type Picture, type PictureColumn, type PictureTable } from './picture';

const roles = ['column', 'rows', 'star'] as const;
const batch = 5_000;

/** Name alone where the column is a plain one that stayed the same. */
type ColumnData = string | readonly [name: string, role: number, mark: number];
type TableData = readonly [
  name: string,
  kind: string,
  mark: number,
  columns: readonly ColumnData[],
];

/** The picture as it lies in the page. */
export interface PageData {
  readonly title: string;
  readonly compared: boolean;
  readonly errors: number;
  readonly tables: readonly TableData[];
  /** Source, target, and kind and mark in one number, in turn. */
  readonly edges: readonly number[];
}

/** {@link PageData} as JSON that may stand inside of a `script` element, in pieces. */
export function* pageData(picture: Picture): Iterable<string> {
  const { title, compared, errors, tables, edges } = picture;
  const head = JSON.stringify({ title, compared, errors });
  yield inScript(`${head.slice(0, -1)},"tables":[`);
  for (let start = 0; start < tables.length; start += batch) {
    const some = tables.slice(start, start + batch).map((table) => tableData(picture, table));
    yield (start === 0 ? '' : ',') + inScript(JSON.stringify(some).slice(1, -1));
  }
  yield '],"edges":[';
  for (let start = 0; start < edges.length; start += batch) {
    const some: number[] = [];
    for (let edge = start; edge < Math.min(edges.length, start + batch); edge += 1) {
      const look = edges.kind[edge]! * marks.length + edges.mark[edge]!;
      some.push(edges.source[edge]!, edges.target[edge]!, look);
    }
    yield (start === 0 ? '' : ',') + some.join(',');
  }
  yield ']}';
}

function tableData(
  { columns }: Picture,
  { name, kind, mark, first, count }: PictureTable,
): TableData {
  const own = columns.slice(first, first + count).map((column): ColumnData => {
    const role = roles.indexOf(column.role);
    return role === 0 && column.mark === 0 ? column.name : [column.name, role, column.mark];
  });
  return [name, kind, mark, own];
}

/** Inside of a `script` element nothing but `<` can end it, or begin a comment. */
function inScript(json: string): string {
  return json.replaceAll('<', '\\u003c');
}

/** What {@link pageData} wrote. */
export function pictureFrom({
  title,
  compared,
  errors,
  tables: all,
  edges: flat,
}: PageData): Picture {
  const tables: PictureTable[] = [];
  const columns: PictureColumn[] = [];
  for (const [name, kind, mark, own] of all) {
    tables.push({ name, kind, mark, first: columns.length, count: own.length });
    for (const column of own) {
      const [columnName, role, columnMark] =
        typeof column === 'string' ? ([column, 0, 0] as const) : column;
      columns.push({
        name: columnName,
        table: tables.length - 1,
        role: roles[role] ?? 'column',
        mark: columnMark,
      });
    }
  }
  const length = flat.length / 3;
  const edges = {
    length,
    source: new Uint32Array(length),
    target: new Uint32Array(length),
    kind: new Uint8Array(length),
    mark: new Uint8Array(length),
  };
  for (let edge = 0; edge < length; edge += 1) {
    const look = flat[edge * 3 + 2]!;
    edges.source[edge] = flat[edge * 3]!;
    edges.target[edge] = flat[edge * 3 + 1]!;
    edges.kind[edge] = Math.min(edgeKinds.length - 1, Math.floor(look / marks.length));
    edges.mark[edge] = look % marks.length;
  }
  return { title, compared, errors, tables, columns, edges };
}
