import type { VendorDialect } from './dialects';
import { scan } from './scan';
import type { SourceText } from './source-text';
import { asTree, bodyOf, child, treesOf, type Tree } from './tree';

/** Hive's `FROM src INSERT … SELECT … INSERT … SELECT …`, taken apart. */
export interface MultiInsert {
  /** The part before the inserts, as a query of its own. */
  readonly shared: SourceText;
  readonly inserts: readonly SourceText[];
}

export function multiInsert(source: SourceText, vendor: VendorDialect): MultiInsert | undefined {
  let depth = 0;
  let from = -1;
  const starts: number[] = [];
  for (const { text, start } of scan(source.text, vendor)) {
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (depth > 0) continue;
    if (from === -1 && /^from$/i.test(text)) from = start;
    if (/^insert$/i.test(text)) starts.push(start);
  }
  const [first] = starts;
  if (from === -1 || first === undefined || first < from) return undefined;
  const { text } = source;
  return {
    shared: source.withText(`${text.slice(0, from)}select * ${text.slice(from, first)}`),
    inserts: starts.map((start, index) => source.slice(start, starts[index + 1])),
  };
}

/** Gives the query of an insert the source and the CTEs of the statement around it. */
export function withShared(tree: Tree, shared: Tree): Tree {
  const insert = bodyOf(tree, 'insert');
  const select = bodyOf(insert?.query, 'select');
  if (insert === undefined || select === undefined || child(select, 'from')) return tree;
  // The offsets of the shared part count from elsewhere: they'd point to the wrong place.
  const outer = withoutSpans(shared) as Tree;
  const query = {
    select: {
      ...select,
      from: outer.from,
      joins: treesOf(outer, 'joins'),
      lateral_views: [...treesOf(outer, 'lateral_views'), ...treesOf(select, 'lateral_views')],
      with: outer.with ?? select.with,
    },
  };
  return { insert: { ...insert, query } };
}

function withoutSpans(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSpans);
  const tree = asTree(value);
  if (tree === undefined) return value;
  const kept = Object.entries(tree).filter(([key]) => key !== 'span');
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutSpans(inner)]));
}
