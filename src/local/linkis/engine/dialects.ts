/** The SQL that each engine type speaks, by polyglot's name; `duckdb` is run as it stands. */
const dialects: Readonly<Record<string, string>> = {
  spark: 'spark',
  hive: 'hive',
  presto: 'presto',
  trino: 'trino',
  openlookeng: 'presto',
  impala: 'hive',
  flink: 'spark',
  doris: 'doris',
  starrocks: 'starrocks',
  jdbc: 'duckdb',
};

/** Engine types that Linkis has and that run no SQL, or none that the stand-in could run. */
const otherEngines = new Set([
  'python',
  'shell',
  'pipeline',
  'sqoop',
  'datax',
  'seatunnel',
  'io_file',
  'elasticsearch',
  'hbase',
  'nebula',
  'repl',
  'appconn',
]);

/** Which SQL a `jdbc` engine speaks depends on the database behind it. */
const jdbcDialects: Readonly<Record<string, string>> = {
  mysql: 'mysql',
  mariadb: 'mysql',
  postgresql: 'postgresql',
  oracle: 'oracle',
  sqlserver: 'tsql',
  clickhouse: 'clickhouse',
  hive2: 'hive',
  presto: 'presto',
  trino: 'trino',
  snowflake: 'snowflake',
  redshift: 'redshift',
};

const sqlRunTypes = new Set(['sql', 'hql', 'psql', 'tsql', 'fql', 'jdbc', 'mysql', 'doris']);

export function isKnownEngine(engine: string): boolean {
  return Object.hasOwn(dialects, engine) || otherEngines.has(engine);
}

export function isSqlRunType(runType: string): boolean {
  return sqlRunTypes.has(runType.toLowerCase());
}

/** Undefined where the engine runs no SQL. `jdbcUrl` is the runtime setting `jdbc.url`. */
export function dialectOf(engine: string, jdbcUrl = ''): string | undefined {
  const database = /^jdbc:(\w+):/.exec(jdbcUrl)?.[1] ?? '';
  if (engine === 'jdbc') return jdbcDialects[database] ?? 'duckdb';
  return Object.hasOwn(dialects, engine) ? dialects[engine] : undefined;
}

/** Whether a backslash escapes inside a quoted text. */
export function escapesByBackslash(dialect: string): boolean {
  return ['spark', 'hive', 'mysql', 'doris', 'starrocks', 'clickhouse'].includes(dialect);
}
