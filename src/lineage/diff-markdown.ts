import type { GateVerdict } from '../contracts/lineage-gate';
import { countLineage } from './counts';
import { isSame, type LineageDiff } from './diff';
import {
  columnEntries,
  datasetEntries,
  edgeEntries,
  type ColumnPlace,
  type Sign,
} from './diff-entries';

/** How `diffMarkdown` writes a comparison. */
export interface DiffMarkdownOptions {
  /** What was compared: `nightly@41`, a file's name. @default 'before' and 'after' */
  readonly labels?: readonly [before: string, after: string];
  readonly gate?: GateVerdict;
  /** Lines of each list; the rest is counted. @default 100 */
  readonly mostLines?: number;
}

const words: Readonly<Record<Sign, string>> = { '-': 'removed', '+': 'added' };

/** `diff.md`: for a pull request, so it stays below the 65,536 characters that a comment may have. */
export function diffMarkdown(diff: LineageDiff, options: DiffMarkdownOptions = {}): string {
  const { labels = ['before', 'after'], gate, mostLines = 100 } = options;
  const [before, after] = labels.map(code);
  const parts = [`## Lineage: ${before} → ${after}`, ...gateLines(gate), counts(diff)];
  if (isSame(diff)) parts.push('Nothing changed.');
  const edges = (sign: Sign) =>
    lines(edgeEntries(diff), sign, mostLines, ({ source, target, kind }) => {
      return `${code(dotted(source))} → ${code(dotted(target))} (${kind})`;
    });
  const columns = (sign: Sign) =>
    lines(columnEntries(diff), sign, mostLines, (column) => code(dotted(column)));
  const datasets = (sign: Sign) =>
    lines(datasetEntries(diff), sign, mostLines, ({ kind, name, columns: amount }) => {
      return `${kind} ${code(name)} (${amount} column${amount === 1 ? '' : 's'})`;
    });
  for (const sign of ['-', '+'] as const) {
    parts.push(...section(`Datasets ${words[sign]}`, datasets(sign)));
    parts.push(...section(`Columns ${words[sign]}`, columns(sign)));
    parts.push(...section(`Edges ${words[sign]}`, edges(sign)));
  }
  return `${parts.join('\n\n')}\n`;
}

function gateLines(gate: GateVerdict | undefined): string[] {
  if (!gate?.closed) return [];
  return [
    `**The gate closed:**\n\n${gate.reasons.map((reason) => `- ${code(reason)}`).join('\n')}`,
  ];
}

function counts(diff: LineageDiff): string {
  const before = countLineage(diff.before);
  const { change, ...after } = countLineage(diff.after, diff);
  const row = (name: 'datasets' | 'columns' | 'edges', removed = 0, added = 0) =>
    `| ${name} | ${before[name]} | ${after[name]} | ${signed('−', removed)} | ${signed('+', added)} |`;
  return [
    '| | before | after | removed | added |',
    '|---|--:|--:|--:|--:|',
    row('datasets', change?.datasetsRemoved, change?.datasetsAdded),
    row('columns', change?.columnsRemoved, change?.columnsAdded),
    row('edges', change?.edgesRemoved, change?.edgesAdded),
    `| errors | ${before.errors} | ${after.errors} | | |`,
  ].join('\n');
}

interface Lines {
  readonly shown: readonly string[];
  readonly total: number;
}

function lines<T extends { readonly sign: Sign }>(
  entries: Iterable<T>,
  sign: Sign,
  most: number,
  line: (entry: T) => string,
): Lines {
  const shown: string[] = [];
  let total = 0;
  for (const entry of entries) {
    if (entry.sign !== sign) continue;
    total += 1;
    if (shown.length < most) shown.push(`- ${line(entry)}`);
  }
  return { shown, total };
}

/** Folded, so that a long list doesn't hide the next. */
function section(title: string, { shown, total }: Lines): string[] {
  if (total === 0) return [];
  const more = total - shown.length;
  const rest = more > 0 ? [`- … and ${more} more`] : [];
  const body = [...fitting(shown), ...rest].join('\n');
  return [`<details open>\n<summary>${title} (${total})</summary>\n\n${body}\n\n</details>`];
}

const mostCharacters = 9000;

/** Six sections of this size fit into a comment. */
function fitting(shown: readonly string[]): string[] {
  const kept: string[] = [];
  let room = mostCharacters;
  for (const line of shown) {
    room -= line.length + 1;
    if (room < 0) return [...kept, `- … and ${shown.length - kept.length} lines that are too long`];
    kept.push(line);
  }
  return kept;
}

function signed(sign: string, amount: number): string {
  return amount === 0 ? '' : `${sign}${amount}`;
}

function dotted({ dataset, column }: ColumnPlace): string {
  return `${dataset}.${column}`;
}

/** A gate's reason is no longer. */
const mostOfText = 600;

/** A code span, with a fence that the text doesn't hold: in it nothing is markup, a mention or a link. */
function code(text: string): string {
  const line = text.replace(/\s+/g, ' ').slice(0, mostOfText);
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}
