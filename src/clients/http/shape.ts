import type { z } from 'zod';
import { WireError } from './errors';

/**
 * Checks an answer against the small part of its shape that is used.
 *
 * @param at where in the answer `value` stands, for the error: `data`
 * @throws WireError that names the endpoint and the field
 */
export function checkShape<S extends z.ZodType>(
  schema: S,
  value: unknown,
  endpoint: string,
  at = '',
): z.output<S> {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  const path = issue?.path ?? [];
  throw new WireError({
    endpoint,
    field: fieldName(at, path),
    expected: expectation(issue),
    found: kindOf(valueAt(value, path)),
  });
}

/** @throws WireError where the text isn't JSON, or is nested too deep */
export function parseJson(text: string, endpoint: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    throw new WireError({ endpoint, field: 'body', expected: 'JSON', found: textKind(text) });
  }
  if (!isTooDeep(value)) return value;
  const expected = `nested at most ${maxDepth} deep`;
  throw new WireError({ endpoint, field: 'body', expected, found: 'nested deeper' });
}

/** No sound answer comes near it; far beyond it, whoever walks by recursion runs out of stack. */
const maxDepth = 100;

/** True for a parsed value that must not be walked through by recursion, nor written as JSON. */
export function isTooDeep(value: unknown): boolean {
  let level: readonly object[] = isNested(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > maxDepth) return true;
    const next: object[] = [];
    for (const outer of level) {
      const inner: readonly unknown[] = Array.isArray(outer) ? outer : Object.values(outer);
      for (const one of inner) if (isNested(one)) next.push(one);
    }
    level = next;
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function textKind(text: string): string {
  const body = text.trim();
  if (body === '') return 'empty';
  if (/^<(!doctype\s+html|html)/i.test(body)) return 'an HTML page; is the base URL right?';
  return body.startsWith('{') || body.startsWith('[') ? 'broken JSON' : 'text';
}

function fieldName(at: string, path: readonly PropertyKey[]): string {
  const name = path.reduce<string>(
    (prefix, key) =>
      typeof key === 'number'
        ? `${prefix}[${key}]`
        : `${prefix}${prefix === '' ? '' : '.'}${String(key)}`,
    at,
  );
  return name === '' ? 'body' : name;
}

function expectation(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return 'readable';
  if (issue.code === 'invalid_type') return article(issue.expected);
  return issue.message;
}

function article(kind: string): string {
  const names: Readonly<Record<string, string>> = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    record: 'an object',
  };
  return names[kind] ?? kind;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

/** The kind of a value in words, never the value. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value === '') return 'an empty text';
  return (
    { string: 'a text', number: 'a number', boolean: 'true or false' }[typeof value as string] ??
    'an object'
  );
}
