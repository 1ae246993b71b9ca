import type { GateVerdict, LineageGate } from '../contracts/lineage-gate';
import { datasetMatcher } from './dataset-patterns';
import type { LineageDiff } from './diff';
import { at, columnName, edgeKinds, flowKinds, type Lineage } from './model';
import { isParseError } from './model-error';

/** What a gate is asked about. */
export interface GateInput {
  readonly after: Lineage;
  /** Against the latest good revision; absent where there is none, and nothing can vanish. */
  readonly diff?: LineageDiff;
  /** How the server's job ended; where it isn't given, the lineage's errors alone count. */
  readonly status?: 'success' | 'partial_success';
}

const mostReasons = 20;
const mostExamples = 5;
/** Reasons travel through history. */
const longestReason = 600;

/** Whether a lineage may become the latest revision by itself. */
export function checkGate(gate: LineageGate, { after, diff, status }: GateInput): GateVerdict {
  const reasons: string[] = [];
  if (diff) {
    reasons.push(...vanishedEdges(gate, diff));
    reasons.push(...protectedDatasets(gate.protect ?? [], diff));
  }
  reasons.push(...parseErrors(gate, after, status));
  const left = reasons.length - mostReasons + 1;
  const told =
    reasons.length <= mostReasons
      ? reasons
      : [...reasons.slice(0, mostReasons - 1), `and ${left} more reasons`];
  return { closed: reasons.length > 0, reasons: told.map(shortened) };
}

function* vanishedEdges(gate: LineageGate, diff: LineageDiff): Generator<string> {
  const { before, edgesRemoved } = diff;
  const gone = edgesRemoved.length;
  const had = before.edges.length;
  const { maxRemovedEdges, maxRemovedPercent } = gate;
  const which = () =>
    examples(edgesRemoved, (edge) => {
      const { source, target, kind } = before.edges;
      const arrow = `${columnName(before, at(source, edge))} → ${columnName(before, at(target, edge))}`;
      return `${arrow} (${at(edgeKinds, at(kind, edge))})`;
    });
  if (maxRemovedEdges !== undefined && gone > maxRemovedEdges) {
    yield `${count(gone, 'edge')} of ${had} vanished, more than maxRemovedEdges ${maxRemovedEdges}: ${which()}`;
  }
  const percent = had === 0 ? 0 : (100 * gone) / had;
  if (maxRemovedPercent !== undefined && percent > maxRemovedPercent) {
    yield `${shortPercent(percent, maxRemovedPercent)} % of the edges vanished (${gone} of ${had}), more than maxRemovedPercent ${maxRemovedPercent}: ${which()}`;
  }
}

/** Those that match, had sources or were there, and are or have them no more. */
function* protectedDatasets(patterns: readonly string[], diff: LineageDiff): Generator<string> {
  if (patterns.length === 0) return;
  const { before, after } = diff;
  const matches = datasetMatcher(patterns);
  const removed = new Set(diff.datasetsRemoved);
  const fed = sourcesOf(before);
  const stillFed = new Set(
    [...sourcesOf(after).keys()].map((index) => at(after.datasets, index).key),
  );
  for (const [index, { key, name }] of before.datasets.entries()) {
    const pattern = matches(key);
    if (pattern === undefined) continue;
    if (removed.has(index)) {
      yield `the protected dataset ${name} (${pattern}) vanished`;
    } else if (fed.has(index) && !stillFed.has(key)) {
      const had = [...(fed.get(index) ?? [])].map((source) => at(before.datasets, source).name);
      yield `the protected dataset ${name} (${pattern}) lost all its sources: ${examples(had, String)}`;
    }
  }
}

/** The other datasets that flow into each. */
function sourcesOf({ edges, columns }: Lineage): Map<number, Set<number>> {
  const sources = new Map<number, Set<number>>();
  for (let edge = 0; edge < edges.length; edge += 1) {
    if (!flowKinds.has(at(edgeKinds, at(edges.kind, edge)))) continue;
    const from = at(columns, at(edges.source, edge)).dataset;
    const to = at(columns, at(edges.target, edge)).dataset;
    if (from === to) continue;
    const known = sources.get(to);
    if (known) known.add(from);
    else sources.set(to, new Set([from]));
  }
  return sources;
}

function* parseErrors(
  { maxParseErrors }: LineageGate,
  lineage: Lineage,
  status: GateInput['status'],
): Generator<string> {
  if (maxParseErrors === undefined) return;
  const found = lineage.errors.filter(isParseError);
  if (found.length === 0) {
    const unknown = untoldFailure(lineage, status);
    const said = examples(lineage.notice?.words ?? [], String);
    const words = said === '' ? '' : `; it says: ${said}`;
    if (unknown) yield `${unknown}, so maxParseErrors ${maxParseErrors} can't be checked${words}`;
  }
  if (found.length <= maxParseErrors) return;
  const which = examples(found, ({ message, file, line, column }) => {
    const place = [file, line, column].filter((part) => part !== undefined).join(':');
    return place === '' ? message : `${place} ${message}`;
  });
  yield `${count(found.length, 'parse error')}, more than maxParseErrors ${maxParseErrors}: ${which}`;
}

/** What says that something failed, where no error says what. */
function untoldFailure(
  { errors, notice }: Lineage,
  status: GateInput['status'],
): string | undefined {
  if (status === 'partial_success') {
    return "the job ended partial_success, and the export doesn't tell which files failed";
  }
  const words = notice?.words ?? [];
  // Columns that were guessed are reason enough for a 203.
  const isExplained =
    errors.length > 0 || (words.length > 0 && words.every((message) => !isParseError({ message })));
  if (notice?.code !== 203 || isExplained) return undefined;
  return "the export came with code 203 and doesn't tell what failed";
}

function examples<T>(items: readonly T[], words: (item: T) => string): string {
  const shown = items.slice(0, mostExamples).map(words).join('; ');
  const more = items.length - mostExamples;
  return more > 0 ? `${shown}; and ${more} more` : shown;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** As short as shows that it is above the limit. */
function shortPercent(percent: number, limit: number): string {
  for (let digits = 1; digits < 6; digits += 1) {
    if (Number(percent.toFixed(digits)) > limit) return percent.toFixed(digits);
  }
  return String(percent);
}

/** In one line: a name with a line break must not look like more reasons. */
function shortened(reason: string): string {
  const line = reason.replace(/\s+/g, ' ');
  return line.length <= longestReason ? line : `${line.slice(0, longestReason - 1)}…`;
}
