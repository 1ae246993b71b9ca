/** How one `dbvendor` is read. */
export interface VendorDialect {
  /** The parser's name for the dialect. */
  readonly dialect: string;
  /** `a.t` names the database `a`, not a schema: the vendor has only one level above a table. */
  readonly databaseOnly?: boolean;
  /** Statements may follow each other without a semicolon. */
  readonly looseStatements?: boolean;
  /** `\'` is a quote inside a string. */
  readonly backslashEscapes?: boolean;
  /** `#` begins a comment. */
  readonly hashComments?: boolean;
  /** `$$ … $$` is a string. */
  readonly dollarQuotes?: boolean;
  /** `[a b]` is a name. */
  readonly bracketNames?: boolean;
}

const generic: VendorDialect = { dialect: 'generic', dollarQuotes: true };
const transact: VendorDialect = { dialect: 'tsql', looseStatements: true, bracketNames: true };
const postgres: VendorDialect = { dialect: 'postgresql', dollarQuotes: true };
const hive: VendorDialect = { dialect: 'hive', databaseOnly: true, backslashEscapes: true };

/** Every vendor of the contract; where the parser lacks one, the nearest relative or `generic`. */
const dialects: Readonly<Record<string, VendorDialect>> = {
  dbvathena: { dialect: 'athena' },
  dbvazuresql: transact,
  dbvbigquery: { dialect: 'bigquery', backslashEscapes: true, hashComments: true },
  dbvcouchbase: { ...generic, databaseOnly: true },
  dbvdatabricks: { dialect: 'databricks', dollarQuotes: true, backslashEscapes: true },
  dbvdb2: generic,
  dbvgaussdb: postgres,
  dbvgreenplum: postgres,
  dbvhana: generic,
  dbvhive: hive,
  dbvimpala: hive,
  dbvinformix: generic,
  dbvmdx: generic,
  dbvmssql: transact,
  dbvmysql: { dialect: 'mysql', databaseOnly: true, backslashEscapes: true, hashComments: true },
  dbvnetezza: postgres,
  dbvopenedge: generic,
  dbvoracle: { dialect: 'oracle' },
  dbvpostgresql: postgres,
  dbvpresto: { dialect: 'presto' },
  dbvredshift: { dialect: 'redshift', dollarQuotes: true },
  dbvsnowflake: { dialect: 'snowflake', dollarQuotes: true, backslashEscapes: true },
  dbvsparksql: { dialect: 'spark', databaseOnly: true, backslashEscapes: true },
  dbvsybase: transact,
  dbvteradata: { dialect: 'teradata', databaseOnly: true },
  dbvvertica: postgres,
};

/** The dialect of a `dbvendor`; an unknown vendor is read as generic SQL. */
export function dialectOf(dbVendor: string): VendorDialect {
  const vendor = dbVendor.toLowerCase();
  return (Object.hasOwn(dialects, vendor) ? dialects[vendor] : undefined) ?? generic;
}
