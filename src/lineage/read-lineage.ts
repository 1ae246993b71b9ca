import { setImmediate as nextTurn } from 'node:timers/promises';
import { JsonScanner } from '../clients/json-scanner';
import { clip } from '../clients/http/service-words';
import { Composition, composeLimits, type ComposeLimits } from './compose';
import { compare, settleDatasets, type Settled } from './datasets';
import { LineageError } from './errors';
import type { Lineage, LineageModelError } from './model';
import { ModelElements } from './model-elements';
import { RawLineage } from './raw-lineage';

/** How an export is read. */
export interface ReadLineageOptions {
  readonly signal: AbortSignal;
  /** @default 5,000,000 edges between datasets, 500,000,000 steps to find them */
  readonly limits?: Partial<ComposeLimits>;
}

/** After so many bytes others have their turn, should the body never make one wait. */
const bytesATurn = 2 ** 20;

/**
 * Reads SQLFlow's JSON lineage into its canonical form, chunk by chunk: the text is never held, only
 * the lineage is. Every shape that the service's versions are known to write is read: with or
 * without the envelope, the model under `data.sqlflow` or `data`, `relationships` or `relations`,
 * `dbobjs` as a list or as a tree of servers.
 *
 * @throws LineageError where it is no lineage, or not the whole of it, or too large to work with
 */
export async function readLineage(
  body: AsyncIterable<Uint8Array | string>,
  { signal, limits }: ReadLineageOptions,
): Promise<Lineage> {
  const raw = new RawLineage();
  await scan(body, raw, signal);
  refuseIncomplete(raw);
  await nextTurn();
  const settled = settleDatasets(raw);
  await nextTurn();
  return composed(raw, settled, { ...composeLimits, ...limits }, signal);
}

async function scan(
  body: AsyncIterable<Uint8Array | string>,
  raw: RawLineage,
  signal: AbortSignal,
): Promise<void> {
  const scanner = new JsonScanner(new ModelElements(raw));
  let bytes = 0;
  let beginning: string | undefined = '';
  for await (const chunk of body) {
    signal.throwIfAborted();
    const piece = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (beginning !== undefined) {
      beginning += Buffer.from(piece.subarray(0, 1024)).toString('latin1');
      const first = /[^\s\u00ef\u00bb\u00bf]/.exec(beginning)?.[0];
      if (first !== undefined && first !== '{') throw notLineage('it does not begin with "{"');
      if (first !== undefined) beginning = undefined;
    }
    try {
      scanner.push(piece);
    } catch (error) {
      if (error instanceof SyntaxError) throw notLineage(error.message);
      throw error;
    }
    bytes += piece.length;
    if (bytes < bytesATurn) continue;
    bytes = 0;
    await nextTurn();
  }
  if (beginning !== undefined) throw notLineage('it is empty');
  if (!scanner.isComplete) {
    throw new LineageError(
      'Lineage.Truncated',
      'the lineage ends too early: it was cut off on its way; export it again',
    );
  }
}

function refuseIncomplete({ code, words, mode, hasModel }: RawLineage): void {
  const isRefused = code !== undefined && !['200', '203'].includes(String(code));
  if (isRefused) {
    const said = words.length === 0 ? '' : `: ${clip(words.join(' '))}`;
    throw notLineage(`it is a refusal with code ${code}${said}`);
  }
  if (mode === 'summary') {
    throw new LineageError(
      'Lineage.SummaryOnly',
      'this is a summary (mode: summary) with counts and no lineage: raise the server’s relation_limit, or export with tableToTable',
    );
  }
  if (!hasModel) throw notLineage('it holds neither relationships nor dbobjs');
}

function notLineage(found: string): LineageError {
  return new LineageError(
    'Lineage.NotLineage',
    `this is no SQLFlow JSON lineage: ${found}; give the file of a JSON export`,
  );
}

async function composed(
  raw: RawLineage,
  { datasets, columns, nodeOf, nodes }: Settled,
  limits: ComposeLimits,
  signal: AbortSignal,
): Promise<Lineage> {
  const effects = [...raw.effects].sort(compare);
  const effectOf = raw.effects.map((effect) => effects.indexOf(effect));
  const { source, target, kind, process } = raw.edges;
  const node = (column: number) => nodeOf[column] as number;
  const composition = new Composition(
    {
      columns: columns.length,
      nodes,
      source: Uint32Array.from(source, node),
      target: Uint32Array.from(target, node),
      kind: new Uint8Array(kind),
      effect: Uint16Array.from(raw.edges.effect, (effect) => effectOf[effect] as number),
      process: new Int32Array(process),
    },
    limits,
    signal,
  );
  await nextTurn();
  const edges = await composition.edges();
  await nextTurn();
  const queried = await composition.queried(queryEnds(raw, nodeOf, columns.length));
  return {
    ...(raw.dialect !== undefined && { dialect: raw.dialect }),
    datasets,
    columns: columns.map((column, index) =>
      queried[index] === 1 ? { ...column, queried: true } : column,
    ),
    edges,
    effects,
    processes: raw.processes,
    errors: [...raw.errors].sort(compareErrors),
    ...noticeOf(raw),
  };
}

function noticeOf({ code, errorWords }: RawLineage): Pick<Lineage, 'notice'> {
  const words = errorWords.filter((said) => said !== '');
  const isWarned = String(code) === '203';
  return words.length > 0 || isWarned ? { notice: { code: isWarned ? 203 : 200, words } } : {};
}

/** The columns of objects between that none but themselves reads. */
function queryEnds(raw: RawLineage, nodeOf: Uint32Array, columns: number): Set<number> {
  const read = new Uint8Array(raw.objects.length);
  const { source, target } = raw.edges;
  for (const [edge, from] of source.entries()) {
    const owner = raw.columnObjects[from] as number;
    if (owner !== raw.columnObjects[target[edge] as number]) read[owner] = 1;
  }
  const ends = new Set<number>();
  for (const to of target) {
    const node = nodeOf[to] as number;
    if (node >= columns && read[raw.columnObjects[to] as number] === 0) ends.add(node);
  }
  return ends;
}

function compareErrors(one: LineageModelError, other: LineageModelError): number {
  return (
    compare(one.file ?? '', other.file ?? '') ||
    (one.line ?? 0) - (other.line ?? 0) ||
    (one.column ?? 0) - (other.column ?? 0) ||
    compare(one.message, other.message) ||
    compare(one.type ?? '', other.type ?? '')
  );
}
