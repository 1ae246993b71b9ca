import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import type { Mistake } from './mistakes';

/** Where something stands in a file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SyntaxMistake extends Position {
  readonly problem: string;
}

/** A configuration file's text with the place of everything in it. */
export class YamlSettings {
  readonly value: unknown;
  readonly syntaxMistakes: readonly SyntaxMistake[];
  private readonly lines = new LineCounter();
  private readonly root: unknown;

  constructor(text: string) {
    const document = parseDocument(text, {
      lineCounter: this.lines,
      prettyErrors: false,
      // Its warnings quote the file on the terminal.
      logLevel: 'error',
    });
    this.root = document.contents;
    const mistakes = document.errors.map((error) => ({
      ...this.positionOf(error.pos[0]),
      problem: `is no YAML: ${withoutQuotes(error.message)}`,
    }));
    if (mistakes.length === 0) {
      try {
        this.value = document.toJS({ maxAliasCount: 100 });
      } catch {
        // The error's words could hold a secret that begins with "*".
        mistakes.push({
          line: 1,
          column: 1,
          problem: 'is no YAML: an alias (*name) leads nowhere, or to too much',
        });
      }
    }
    this.syntaxMistakes = mistakes;
  }

  /** Where a mistake is; for a missing setting, where its group begins. */
  locate({ path, atKey = false }: Mistake): Position {
    let node = this.root;
    let start = 0;
    for (const [index, step] of path.entries()) {
      const last = index === path.length - 1;
      if (isMap(node)) {
        const pair = node.items.find(
          ({ key }) => isScalar(key) && String(key.value) === String(step),
        );
        if (pair === undefined) break;
        const key = startOf(pair.key) ?? start;
        const value = isScalar(pair.value) || isSeq(pair.value) ? startOf(pair.value) : undefined;
        start = last && !atKey ? (value ?? key) : key;
        node = pair.value;
      } else if (isSeq(node)) {
        const item: unknown = node.items[Number(step)];
        start = startOf(item) ?? start;
        node = item;
      } else {
        break;
      }
    }
    return this.positionOf(start);
  }

  private positionOf(offset: number): Position {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

/** What the parser quotes from the file, behind a colon, may be a secret. */
function withoutQuotes(message: string): string {
  return message.split(/[:\n]/)[0] ?? '';
}
