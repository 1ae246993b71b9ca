const closers: Readonly<Record<string, string>> = { '"': '"', '`': '`', '[': ']' };

/**
 * The parts of a qualified name, without their quotes and without unnamed levels: SQLFlow writes
 * `DEFAULT` or nothing for a database or schema that has no name. The last part always stays.
 */
export function nameParts(qualified: string): string[] {
  const parts = split(qualified);
  const last = parts.pop() ?? '';
  return [...parts.filter((part) => !isUnnamed(part)), last];
}

/** Whether a database or schema of that name is none. */
export function isUnnamed(level: string): boolean {
  return level.trim() === '' || level.toLowerCase() === 'default';
}

/** `"Amount"`, `` `Amount` `` and `[Amount]` are `Amount`. */
export function unquoted(name: string): string {
  const closer = closers[name.charAt(0)];
  if (closer === undefined || name.length < 3 || !name.endsWith(closer)) return name;
  return name.slice(1, -1).replaceAll(closer + closer, closer);
}

/** At the dots outside of quotes. */
function split(qualified: string): string[] {
  if (!/["`[]/.test(qualified)) return qualified.split('.');
  const parts: string[] = [];
  let from = 0;
  let closer: string | undefined;
  for (let index = 0; index < qualified.length; index += 1) {
    const character = qualified.charAt(index);
    if (closer !== undefined) {
      if (character === closer) closer = undefined;
    } else if (character === '.') {
      parts.push(unquoted(qualified.slice(from, index)));
      from = index + 1;
    } else if (index === from) closer = closers[character];
  }
  return [...parts, unquoted(qualified.slice(from))];
}

const wide = /[\u0080-\uffff]/;

/** Names that differ in case alone become one; some letters only by way of upper case: `ß`, `SS`. */
export function folded(name: string): string {
  return (wide.test(name) ? name.toUpperCase() : name).toLowerCase();
}
