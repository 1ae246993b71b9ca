import { sqlParts, withoutComments } from './sql-text';

/** What DuckDB is to run for one statement: every text in order, the last one gives the result. */
export interface DuckDbPlan {
  readonly statements: readonly string[];
  /** `text` for a plan to read, `nothing` where rows would mean nothing to a user. @default 'rows' */
  readonly shows?: 'rows' | 'text' | 'nothing';
}

const name = String.raw`((?:[\w$]+|${'`'}[^${'`'}]+${'`'}|"[^"]+")(?:\.(?:[\w$]+|${'`'}[^${'`'}]+${'`'}|"[^"]+"))*)`;

/** Statements that Spark, Hive and Presto have and DuckDB hasn't, or answers in another shape. */
const commands: readonly {
  readonly pattern: RegExp;
  readonly plan: (groups: readonly string[], dialect: string) => DuckDbPlan;
}[] = [
  {
    pattern: regex(
      String.raw`show\s+tables(?:\s+(?:in|from)\s+${name})?(?:\s+(?:like\s+)?'([^']*)')?`,
    ),
    plan: ([schema, like], dialect) => ({ statements: [showTables(dialect, schema, like)] }),
  },
  {
    pattern: regex(String.raw`show\s+(databases|schemas)`),
    plan: ([word], dialect) => ({
      statements: [
        `SELECT ${shownSchema('schema_name')} AS "${dialect === 'presto' || dialect === 'trino' ? 'Schema' : word === 'databases' && dialect === 'hive' ? 'database_name' : 'namespace'}" ` +
          "FROM information_schema.schemata WHERE catalog_name = current_database() AND schema_name NOT IN ('information_schema', 'pg_catalog') ORDER BY 1",
      ],
    }),
  },
  {
    pattern: regex(
      String.raw`(?:describe|desc)\s+(?:table\s+)?(?:(?:extended|formatted)\s+)?${name}`,
    ),
    plan: ([table = '']) => ({
      statements: [
        `SELECT column_name AS col_name, ${shownType('column_type')} AS data_type, NULL::VARCHAR AS comment FROM (DESCRIBE ${quoted(table)})`,
      ],
    }),
  },
  {
    pattern: regex(String.raw`show\s+columns\s+(?:in|from)\s+${name}`),
    plan: ([table = '']) => ({
      statements: [`SELECT column_name AS col_name FROM (DESCRIBE ${quoted(table)})`],
    }),
  },
  {
    pattern: regex(String.raw`show\s+create\s+table\s+${name}`),
    plan: ([table = '']) => ({
      statements: [
        `SELECT sql AS createtab_stmt FROM (SELECT schema_name, table_name AS name, sql FROM duckdb_tables() UNION ALL SELECT schema_name, view_name, sql FROM duckdb_views()) WHERE ${sameTable(table)}`,
      ],
    }),
  },
  {
    pattern: regex(String.raw`use\s+(?:database\s+)?${name}`),
    plan: ([schema = '']) => ({ statements: [`USE ${quoted(schema)}`] }),
  },
  {
    pattern: regex(String.raw`explain\s+(?:extended\s+|formatted\s+)?([^]+)`),
    plan: ([statement = '']) => ({ statements: [`EXPLAIN ${statement}`], shows: 'text' }),
  },
  {
    // Settings, caches and statistics of an engine that isn't there.
    pattern: regex(
      '(?:set|reset|cache|uncache|refresh|analyze|msck|add|list|invalidate|compute)(?:\\s[^]*)?',
    ),
    plan: () => ({ statements: [], shows: 'nothing' }),
  },
];

/** What to run for one statement of `dialect`; `transpile` turns the rest into DuckDB's dialect. */
export function planStatement(
  statement: string,
  dialect: string,
  transpile: (sql: string, dialect: string) => string,
): DuckDbPlan {
  const bare = withoutComments(statement);
  for (const { pattern, plan } of dialect === 'duckdb' ? [] : commands) {
    const match = pattern.exec(bare);
    if (match === null) continue;
    const { statements, shows } = plan(match.slice(1), dialect);
    if (shows !== 'text') return { statements, shows };
    return { statements: statements.map((sql) => `EXPLAIN ${translated(sql.slice(8))}`), shows };
  }
  return { statements: rewriteInsert(translated(statement)) };

  function translated(sql: string): string {
    if (dialect === 'duckdb') return sql;
    const duckDb = inDefaultSchema(transpile(withPartitionColumns(sql), dialect));
    return dialect === 'spark' ? withRangeId(duckDb) : duckDb;
  }
}

function regex(body: string): RegExp {
  return new RegExp(`^${body}\\s*$`, 'i');
}

/** The schema `default` of Spark and Hive is DuckDB's `main`; `default` is a reserved word there. */
function inDefaultSchema(sql: string): string {
  const parts = [...sqlParts(sql, false)];
  return parts
    .map(({ kind, text }, index) => {
      if (kind === 'code') return text.replace(/\bdefault(\s*\.)/gi, 'main$1');
      const qualifies = parts[index + 1]?.text.trimStart().startsWith('.') ?? false;
      return qualifies && text.toLowerCase() === '"default"' ? 'main' : text;
    })
    .join('');
}

/** The column of Spark's `range(…)` is called `id`. */
function withRangeId(sql: string): string {
  return sql.replace(
    /\b(FROM|JOIN)\s+RANGE\(([\d\s,]*)\)(?:\s+AS\s+(\w+)(\s*\()?)?/gi,
    (whole, word: string, bounds: string, alias: string | undefined, hasColumns?: string) =>
      hasColumns ? whole : `${word} RANGE(${bounds}) AS ${alias ?? 'range'}(id)`,
  );
}

/** An identifier of one or several parts, every part quoted. */
function quoted(identifier: string): string {
  return partsOf(identifier)
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}

function partsOf(identifier: string): string[] {
  return (identifier.match(/`[^`]+`|"[^"]+"|[^.]+/g) ?? [])
    .map((part) => part.replace(/^[`"]|[`"]$/g, ''))
    .map((part) => (part.toLowerCase() === 'default' ? 'main' : part));
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function sameTable(identifier: string): string {
  const [table = '', schema] = partsOf(identifier).reverse();
  return (
    `lower(name) = ${literal(table.toLowerCase())} AND schema_name = ` +
    (schema === undefined ? 'current_schema()' : literal(schema))
  );
}

function shownSchema(column: string): string {
  return `CASE ${column} WHEN 'main' THEN 'default' ELSE ${column} END`;
}

function shownType(column: string): string {
  return `replace(replace(lower(${column}), 'varchar', 'string'), 'integer', 'int')`;
}

function showTables(dialect: string, schema: string | undefined, like: string | undefined): string {
  const shown =
    dialect === 'spark'
      ? `${shownSchema('table_schema')} AS "database", table_name AS "tableName", table_type = 'LOCAL TEMPORARY' AS "isTemporary"`
      : `table_name AS "${dialect === 'hive' ? 'tab_name' : 'Table'}"`;
  const pattern =
    like === undefined ? '' : ` AND table_name LIKE ${literal(like.replaceAll('*', '%'))}`;
  return (
    `SELECT ${shown} FROM information_schema.tables ` +
    "WHERE table_catalog IN (current_database(), 'temp') AND table_schema = " +
    (schema === undefined ? 'current_schema()' : literal(partsOf(schema)[0] ?? '')) +
    `${pattern} ORDER BY table_name`
  );
}

/** Hive names partition columns apart; here they are columns like the others. */
function withPartitionColumns(sql: string): string {
  const create =
    /^(\s*create\s+(?:external\s+)?table\b[^(]*\()([^]*)\)\s*(?:comment\s+'[^']*'\s*)?partitioned\s+by\s*\(([^()]*)\)/i;
  return sql
    .replace(create, (_whole, head: string, columns: string, partitions: string) => {
      return `${head}${columns}, ${partitions})`;
    })
    .replace(/^(\s*create)\s+external(\s+table)/i, '$1$2');
}

/** DuckDB has no INSERT OVERWRITE and no PARTITION clause; `insert` is transpiled already. */
function rewriteInsert(insert: string): string[] {
  const match =
    /^(WITH\b[^]*?)?\s*INSERT\s+(OVERWRITE(?:\s+TABLE)?|INTO)\s+((?:"[^"]+"|[\w$.])+)\s*(?:PARTITION\s*\(([^()]*)\))?\s*([^]*)$/i.exec(
      insert.replace(/^(?:\s*\/\*[^]*?\*\/)*\s*/, ''),
    );
  if (match === null) return [insert];
  const [, ctes = '', verb = '', table = '', partition, query = ''] = match;
  const overwrites = /^overwrite/i.test(verb);
  if (!overwrites && partition === undefined) return [insert];
  const values = (partition ?? '').split(',').filter((part) => part.includes('='));
  const added = values.map((part) => {
    const [column = '', value = ''] = part.split('=').map((half) => half.trim());
    return `, ${value} AS ${column}`;
  });
  const where = values.length > 0 ? ` WHERE ${values.join(' AND ')}` : '';
  return [
    `CREATE OR REPLACE TEMP TABLE local_insert AS ${ctes}SELECT *${added.join('')} FROM (${query})`,
    ...(overwrites ? [`DELETE FROM ${table}${where}`] : []),
    `INSERT INTO ${table} SELECT * FROM local_insert`,
  ];
}
