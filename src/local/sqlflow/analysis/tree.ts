/** A node of the parser's syntax tree, which is plain JSON. */
export interface Tree {
  readonly [key: string]: unknown;
}

/** Offsets in code points from the start of the parsed text. */
export interface TreeSpan {
  readonly start: number;
  readonly end: number;
}

export interface Identifier {
  readonly text: string;
  readonly quoted: boolean;
  readonly span?: TreeSpan;
}

/** An expression is an object with one key: its kind. */
export interface Expression {
  readonly kind: string;
  readonly body: Tree;
}

export function asTree(value: unknown): Tree | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Tree)
    : undefined;
}

/** What is there, as a list, for `flatMap`. */
export function maybe<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

export function child(tree: Tree | undefined, key: string): Tree | undefined {
  return asTree(tree?.[key]);
}

export function listOf(tree: Tree | undefined, key: string): readonly unknown[] {
  const value = tree?.[key];
  return Array.isArray(value) ? value : [];
}

export function treesOf(tree: Tree | undefined, key: string): Tree[] {
  return listOf(tree, key).flatMap((item) => maybe(asTree(item)));
}

export function expression(value: unknown): Expression | undefined {
  const tree = asTree(value);
  if (tree === undefined) return undefined;
  const keys = Object.keys(tree);
  const kind = keys[0];
  if (keys.length !== 1 || kind === undefined) return undefined;
  return { kind, body: asTree(tree[kind]) ?? {} };
}

/** The body of an expression of that kind. */
export function bodyOf(value: unknown, kind: string): Tree | undefined {
  return child(asTree(value), kind);
}

/** Reads an identifier, also one that is wrapped as an expression. */
export function identifier(value: unknown): Identifier | undefined {
  const tree = asTree(value);
  if (tree === undefined) return undefined;
  if (typeof tree.name === 'string') {
    if (tree.name === '') return undefined;
    return { text: tree.name, quoted: tree.quoted === true, span: spanOf(tree) };
  }
  return identifier(
    tree.identifier ?? tree.column ?? (tree.var && { name: child(tree, 'var')?.this }) ?? tree.name,
  );
}

export function identifiersOf(tree: Tree | undefined, key: string): Identifier[] {
  return listOf(tree, key).flatMap((item) => maybe(identifier(item)));
}

export function spanOf(tree: Tree | undefined): TreeSpan | undefined {
  const span = child(tree, 'span');
  return typeof span?.start === 'number' && typeof span.end === 'number'
    ? { start: span.start, end: span.end }
    : undefined;
}

const queryKinds = new Set(['select', 'union', 'intersect', 'except', 'subquery', 'values']);

export function isQuery(value: unknown): boolean {
  const found = expression(value);
  return found !== undefined && queryKinds.has(found.kind);
}
