import { z } from 'zod';
import type { ResultSetKind } from '../../contracts/linkis';
import type { PackedRows } from '../packed-rows';
import { maybeNumber, maybeText } from './wire';

/** A file of the service's storage: a result set, or a folder of them. */
export interface LinkisFile {
  readonly name: string;
  /** With its scheme (`hdfs://`, `file://`), as `openFile` wants it. */
  readonly path: string;
  readonly sizeBytes?: number;
  readonly isLeaf: boolean;
}

/** A column of a table, as the service describes it. */
export interface LinkisColumn {
  readonly name: string;
  readonly dataType?: string;
  readonly comment?: string;
}

/** What `openFile` asks the server to write for NULL; a cell that holds this text becomes null too. */
export const nullMark = 'LINKIS_NULL';

const fileSchema = z
  .object({
    name: z.string().min(1),
    path: z.string().min(1),
    properties: z.object({ size: maybeNumber }).partial().nullish(),
    isLeaf: z.boolean().nullish(),
  })
  .transform((file): LinkisFile => ({
    name: file.name,
    path: file.path,
    sizeBytes: file.properties?.size,
    isLeaf: file.isLeaf ?? true,
  }));

/** `GET /filesystem/getDirFileTrees`: null for a folder that isn't there. */
export const dirSchema = z
  .object({ dirFileTrees: z.object({ children: z.array(fileSchema).nullish() }).nullable() })
  .transform(({ dirFileTrees }) => [...(dirFileTrees?.children ?? [])].sort(byNumber));

/** The service lists `_10.dolphin` before `_2.dolphin`; the number tells the order of the statements. */
function byNumber(left: LinkisFile, right: LinkisFile): number {
  const difference = numberIn(left.name) - numberIn(right.name);
  if (difference !== 0 && !Number.isNaN(difference)) return difference;
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

function numberIn(name: string): number {
  const digits = /\d+/.exec(name)?.[0];
  return digits === undefined ? Infinity : Number(digits);
}

const columnSchema = z
  .object({
    columnName: z
      .string()
      .nullable()
      .transform((name) => name ?? ''),
    dataType: maybeText,
    comment: maybeText,
  })
  .partial({ dataType: true, comment: true })
  .transform((column): LinkisColumn => ({
    name: column.columnName,
    dataType: column.dataType,
    comment: column.comment === 'NULL' ? undefined : column.comment,
  }));

/** Rows of a result set, and what the service tells of it beside them. */
export interface LinkisRows {
  /** Tables only. */
  readonly columns?: readonly LinkisColumn[];
  /** Text, as the service renders it, or null for NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly kind: ResultSetKind;
  /** Rows of this page as the service counts them; absent where it doesn't. */
  readonly totalLine?: number;
  /** Columns of the whole table, should this be a part of them; absent before 1.7. */
  readonly totalColumn?: number;
}

/** One page of a result set. */
export interface LinkisResultPage extends LinkisRows {
  readonly page: number;
  /** There were fewer rows than asked for. (Where the last page is full, an empty one follows.) */
  readonly isLast: boolean;
}

/** A {@link LinkisResultPage} whose cells are no values yet, as far as that could be spared. */
export interface LinkisPackedPage extends Omit<LinkisResultPage, 'rows'> {
  readonly rows: PackedRows | LinkisResultPage['rows'];
  /** Of the answer. */
  readonly sizeBytes: number;
}

/**
 * `GET /filesystem/openFile`. A result that is too large for the server's limits comes with HTTP 200
 * and status 0, but with `display_prohibited` in place of its content.
 */
export const pageSchema = z
  .object({
    // The *text* "NULL" where the result is text or HTML; for a plain file its settings, as an object.
    metadata: z.union([z.array(columnSchema), z.string(), z.looseObject({}), z.null()]).optional(),
    // Read by hand: a schema a cell takes several times as long as the page's way over the network.
    fileContent: z.unknown().optional(),
    type: maybeText,
    totalLine: maybeNumber.optional(),
    totalColumn: maybeNumber.optional(),
    display_prohibited: z.boolean().nullish(),
    en_msg: maybeText,
    zh_msg: maybeText,
  })
  .transform((data, context): LinkisRows | { readonly withheld: string } => {
    if (data.display_prohibited === true) {
      return { withheld: data.en_msg ?? data.zh_msg ?? 'display_prohibited' };
    }
    const columns = Array.isArray(data.metadata) ? data.metadata : undefined;
    // A plain file's type is `script/text` or alike.
    const kind = kinds.get(data.type ?? '') ?? (columns ? 'table' : 'text');
    const wrong = (path: (string | number)[], message: string) => {
      context.addIssue({ code: 'custom', path, message });
      return z.NEVER;
    };
    if (!Array.isArray(data.fileContent)) return wrong(['fileContent'], 'a list of rows');
    if (kind === 'table' && !columns) return wrong(['metadata'], 'a list of columns');
    // A row that is too short would shift every value after it.
    const width = kind === 'table' ? columns?.length : undefined;
    const rows: Row[] = [];
    for (const [index, sent] of data.fileContent.entries()) {
      const row = readRow(sent);
      if (row === undefined) return wrong(['fileContent', index], 'a list of texts');
      if (width !== undefined && row.length !== width) {
        return wrong(['fileContent', index], `a list of ${width}`);
      }
      rows.push(row);
    }
    const { totalLine, totalColumn } = data;
    return kind === 'table'
      ? { columns, rows, kind, totalLine, ...(totalColumn !== undefined && { totalColumn }) }
      : { rows, kind, totalLine };
  });

type Row = (string | null)[];

/** Cells are text or null; a plain file's line may come as text in place of a row of one cell. */
function readRow(sent: unknown): Row | undefined {
  if (typeof sent === 'string') return [sent];
  if (!Array.isArray(sent)) return undefined;
  const row: Row = [];
  for (const cell of sent as unknown[]) {
    if (typeof cell === 'string') row.push(cell === nullMark ? null : cell);
    else if (cell === null) row.push(null);
    else if (typeof cell === 'number' || typeof cell === 'boolean') row.push(String(cell));
    else return undefined;
  }
  return row;
}

const kinds: ReadonlyMap<string, ResultSetKind> = new Map([
  ['1', 'text'],
  ['2', 'table'],
  ['3', 'io'],
  ['4', 'picture'],
  ['5', 'html'],
]);
