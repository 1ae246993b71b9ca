import type { DuckDBConnection } from '@duckdb/node-api';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';

export interface DataFolderReport {
  readonly tables: readonly string[];
  /** Data files that made no table, each with the reason. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

const readers: Readonly<Record<string, string>> = {
  '.parquet': 'read_parquet',
  '.csv': 'read_csv',
  '.tsv': 'read_csv',
  '.jsonl': 'read_ndjson',
  '.ndjson': 'read_ndjson',
  '.json': 'read_json',
};

/**
 * Makes a table of each CSV, TSV, Parquet and JSON file of a folder (a .json file has to hold an
 * array, a .jsonl or .ndjson one a value a line). `flights-3m.parquet` becomes `flights_3m`; where two
 * files ask for one name, the second in alphabetical order gets its kind added: `cars_json`.
 */
export async function loadDataFolder(
  connection: DuckDBConnection,
  folder: string,
): Promise<DataFolderReport> {
  const all = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`The data folder ${folder} can't be read: ${error.message}`);
  });
  const files = all.filter((file) => Object.hasOwn(readers, kindOf(file))).sort();
  const tables: string[] = [];
  const skipped: { file: string; reason: string }[] = [];
  for (const file of files) {
    const whole = path.join(folder, file);
    if (kindOf(file) === '.json' && !(await startsWithBracket(whole))) {
      skipped.push({ file, reason: 'it holds no array' });
      continue;
    }
    const name = tableName(file);
    const table = tables.includes(name) ? `${name}_${kindOf(file).slice(1)}` : name;
    try {
      await connection.run(
        `CREATE OR REPLACE TABLE "${table}" AS FROM ${readers[kindOf(file)]}('${whole.replaceAll("'", "''")}')`,
      );
      tables.push(table);
    } catch (error) {
      skipped.push({ file, reason: (error as Error).message.split('\n')[0] ?? '' });
    }
  }
  return { tables, skipped };
}

function kindOf(file: string): string {
  return path.extname(file).toLowerCase();
}

function tableName(file: string): string {
  const name = path.parse(file).name.replace(/\W+/g, '_').toLowerCase();
  return /^\d/.test(name) ? `t_${name}` : name;
}

async function startsWithBracket(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer
      .toString('utf8', 0, bytesRead)
      .replace(/^\uFEFF/, '')
      .trimStart()
      .startsWith('[');
  } finally {
    await handle.close();
  }
}
