import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';

/** How a value reads in a result file; null stays null. */
export type TextOf = (value: DuckDBValue) => string | null;

/** A column type's name in result-set metadata, as Linkis spells it. */
export function linkisTypeOf(type: DuckDBType): string {
  const name = String(type).toUpperCase();
  if (name.endsWith(']')) return 'array';
  return linkisTypes[/^[A-Z_ ]+/.exec(name)?.[0].trim() ?? ''] ?? 'string';
}

const linkisTypes: Readonly<Record<string, string>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'tinyint',
  UTINYINT: 'short',
  SMALLINT: 'short',
  USMALLINT: 'int',
  INTEGER: 'int',
  UINTEGER: 'long',
  BIGINT: 'long',
  UBIGINT: 'decimal',
  HUGEINT: 'decimal',
  UHUGEINT: 'decimal',
  FLOAT: 'float',
  DOUBLE: 'double',
  DECIMAL: 'decimal',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamp',
  BLOB: 'binary',
  STRUCT: 'struct',
  MAP: 'map',
};

/** Linkis rewrites numbers: 1.0 reads "1" and 1e21 reads "1000000000000000000000". */
export function textOfType(type: DuckDBType): TextOf {
  const linkisType = linkisTypeOf(type);
  if (linkisType === 'double' || linkisType === 'float') {
    return (value) => (value === null ? null : plainNumber(String(value)));
  }
  if (linkisType === 'decimal') {
    return (value) => (value === null ? null : withoutTrailingZeros(String(value)));
  }
  return (value) => (value === null ? null : String(value));
}

/** A number without an exponent. */
export function plainNumber(text: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/i.exec(text);
  if (parts === null) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, '0');
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function withoutTrailingZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
