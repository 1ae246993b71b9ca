import type { DuckDBConnection, DuckDBInstance, DuckDBResult } from '@duckdb/node-api';
import { loadDataFolder, type DataFolderReport } from './data-folder';
import { loadDuckDb, loadPolyglot } from './peers';
import { linkisTypeOf, textOfType } from './values';

export interface SqlEngineOptions {
  /** Where tables are kept; without it they live in memory. */
  readonly databaseFile?: string;
  /** Where queries larger than memory put their intermediate data. */
  readonly spillDir: string;
  /** Its data files become tables. */
  readonly dataDir?: string;
}

export interface ResultColumn {
  readonly name: string;
  /** Linkis' spelling: `string`, `long`, `double`, … */
  readonly type: string;
}

export type ResultRow = readonly (string | null)[];

/** What a statement came to; rows have to be read to their end before the next statement. */
export type StatementResult =
  | {
      readonly kind: 'rows';
      readonly columns: readonly ResultColumn[];
      readonly batches: AsyncIterable<readonly ResultRow[]>;
    }
  | { readonly kind: 'changed'; readonly rows: number }
  | { readonly kind: 'done' };

/** Statements at once, however many tasks run: each takes memory of its own. */
const mostAtWork = 16;

type Transpile = (sql: string, dialect: string) => string;

/** DuckDB with a translator in front of it. */
export class SqlEngine {
  readonly #instance: DuckDBInstance;
  readonly #connections = new Set<SqlConnection>();
  #atWork = 0;
  readonly #turns: (() => void)[] = [];

  private constructor(
    instance: DuckDBInstance,
    /** Into DuckDB's dialect; what can't be read is left as it is, for DuckDB to complain about. */
    readonly transpile: Transpile,
    readonly data: DataFolderReport,
  ) {
    this.#instance = instance;
  }

  /** @throws MissingPeerError when DuckDB or the translator isn't installed */
  static async open({ databaseFile, spillDir, dataDir }: SqlEngineOptions): Promise<SqlEngine> {
    const { DuckDBInstance } = loadDuckDb();
    const polyglot = await loadPolyglot();
    const transpile: Transpile = (sql, dialect) => {
      if (dialect === 'duckdb') return sql;
      const { success, sql: statements } = polyglot.transpile(
        sql,
        dialect as never,
        'duckdb' as never,
      );
      return success && statements?.length ? statements.join(';\n') : sql;
    };
    const instance = await DuckDBInstance.create(databaseFile ?? ':memory:', {
      autoinstall_known_extensions: 'false',
      temp_directory: spillDir,
    });
    const connection = await instance.connect();
    try {
      const data = dataDir
        ? await loadDataFolder(connection, dataDir)
        : { tables: [], skipped: [] };
      // From here on SQL reaches its tables and no file of the machine.
      await connection.run('SET enable_external_access = false');
      connection.disconnectSync();
      return new SqlEngine(instance, transpile, data);
    } catch (error) {
      connection.disconnectSync();
      instance.closeSync();
      throw error;
    }
  }

  /** Resolves when one statement more may run; whoever has it calls what it gets when it is done. */
  async turn(): Promise<() => void> {
    if (this.#atWork < mostAtWork) this.#atWork += 1;
    else await new Promise<void>((resolve) => this.#turns.push(resolve));
    return () => {
      const next = this.#turns.shift();
      if (next) next();
      else this.#atWork -= 1;
    };
  }

  async connect(): Promise<SqlConnection> {
    const connection = new SqlConnection(await this.#instance.connect(), () =>
      this.#connections.delete(connection),
    );
    this.#connections.add(connection);
    return connection;
  }

  /** Interrupts what runs. */
  close(): void {
    for (const connection of this.#connections) {
      connection.interrupt();
      connection.close();
    }
    this.#instance.closeSync();
  }
}

/** DuckDB's own numbers for what a statement returns. */
const returnsCount = 1;
const returnsRows = 3;

/** One session: temporary views and the current schema belong to it. */
export class SqlConnection {
  readonly #connection: DuckDBConnection;
  readonly #closed: () => void;

  constructor(connection: DuckDBConnection, closed: () => void) {
    this.#connection = connection;
    this.#closed = closed;
  }

  /** Runs one statement of DuckDB's dialect. @throws Error in DuckDB's words */
  async run(sql: string): Promise<StatementResult> {
    const result = await this.#connection.stream(sql);
    const returns: number = result.returnType;
    if (returns === returnsRows) {
      const types = result.columnTypes();
      const columns = result
        .columnNames()
        .map((name, index) => ({ name, type: linkisTypeOf(types[index]!) }));
      return { kind: 'rows', columns, batches: batchesOf(result) };
    }
    const chunk = await result.fetchChunk();
    if (returns === returnsCount) {
      return { kind: 'changed', rows: Number(chunk?.getRows()[0]?.[0] ?? 0) };
    }
    return { kind: 'done' };
  }

  /** Makes the running statement fail soon with "INTERRUPT Error". */
  interrupt(): void {
    this.#connection.interrupt();
  }

  close(): void {
    this.#closed();
    this.#connection.disconnectSync();
  }
}

/** Rows as they come, so that memory stays flat however many there are. */
async function* batchesOf(result: DuckDBResult): AsyncGenerator<readonly ResultRow[]> {
  const texts = result.columnTypes().map(textOfType);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    const rows: (string | null)[][] = Array.from({ length: chunk.rowCount }, () => []);
    for (const [column, values] of chunk.getColumns().entries()) {
      const textOf = texts[column]!;
      for (let row = 0; row < values.length; row += 1) rows[row]!.push(textOf(values[row] ?? null));
    }
    yield rows;
  }
}
