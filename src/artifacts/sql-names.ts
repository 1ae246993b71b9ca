/**
 * Files that hold SQL by their name: what is taken of a folder, and what a service can be expected
 * to read in a zip. The vendor documents no list; these are the usual ones.
 */
const sqlName =
  /\.(sql|ddl|dml|hql|hive|q|txt|tab|vw|view|prc|proc|fnc|trg|pkg|pkb|pks|pls|plsql|bteq|btq|tpt|ksh|sp|udf)$/i;

export function isSqlName(name: string): boolean {
  return sqlName.test(name);
}
