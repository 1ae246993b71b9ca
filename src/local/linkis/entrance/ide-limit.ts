import { withoutComments } from '../engine/sql-text';

const most = 5000;

/** What creator IDE makes of a SELECT: at most 5000 rows, and only the log says so. */
export function limitForIde(statement: string): { readonly sql: string; readonly note?: string } {
  const bare = withoutComments(statement);
  if (!/^(select|with)\b/i.test(bare) || /\binsert\b/i.test(bare)) return { sql: statement };
  const asked = /\blimit\s+(\d+)\s*$/i.exec(bare);
  if (asked === null) {
    return {
      sql: `${statement}\nlimit ${most}`,
      note: `You submitted a sql without limit, DSS will add limit ${most} to your sql`,
    };
  }
  if (Number(asked[1]) <= most) return { sql: statement };
  return {
    sql: `${bare.slice(0, asked.index)}limit ${most}`,
    note: `Your limit exceeded ${most}, it was changed to ${most}`,
  };
}
