import {
  chainWorkflowId,
  refreshWorkflowId,
  type ChainState,
  type FileCounts,
  type RefreshEnd,
  type RefreshOutcome,
} from '../contracts/chain';
import type { LineageCounts } from '../contracts/lineage-gate';
import { formatDuration, formatSize, localTime } from './durations';
import { count } from './preview';
import { printableLine } from './text-width';

/** "12 of generation 2" */
export function revisionWords(revision: number, generation: number): string {
  return `${revision} of generation ${generation}`;
}

/** "10 of 5,000 files sent (2 added, 8 changed, 1 removed)" */
export function fileWords({ total, sent, added, changed, removed }: FileCounts): string {
  const kinds = [
    [added, 'added'],
    [changed, 'changed'],
    [removed, 'removed'],
  ] as const;
  const told = kinds
    .filter(([amount]) => amount > 0)
    .map(([amount, kind]) => `${grouped(amount)} ${kind}`);
  const why = told.length === 0 ? '' : ` (${told.join(', ')})`;
  return `${grouped(sent)} of ${count(total, 'file')} sent${why}`;
}

/** "12,340 edges (+14 −3)" */
export function edgeWords({ edges, change }: LineageCounts): string {
  return `${count(edges, 'edge')}${change === undefined ? '' : ` (${signed(change.edgesAdded, change.edgesRemoved)})`}`;
}

/** "+14 −3" */
export function signed(added: number, removed: number): string {
  return `+${grouped(added)} −${grouped(removed)}`;
}

/** What became of a refresh, in a line; its reasons and warnings are told apart. */
export function outcomeWords(
  outcome: Omit<RefreshOutcome, 'requestId' | 'startedAtMs' | 'endedAtMs'>,
): string {
  const { end, revision, generation, files, lineage } = outcome;
  switch (end) {
    case 'unchanged':
      return `unchanged: ${files === undefined ? 'nothing' : `none of ${count(files.total, 'file')}`} differs from the latest revision, so nothing was submitted`;
    case 'refreshed':
      return [
        `revision ${revision === undefined ? '' : revisionWords(revision, generation)}`,
        files && fileWords(files),
        lineage && edgeWords(lineage),
      ]
        .filter(Boolean)
        .join(' · ');
    case 'skipped':
      return `skipped: ${printableLine(outcome.error?.message ?? outcome.warnings[0] ?? 'the chain is paused')}`;
    case 'cancelled':
      return `cancelled${outcome.error === undefined ? '' : `: ${printableLine(outcome.error.message)}`}`;
    case 'failed':
      return `failed: ${printableLine(outcome.error?.message ?? 'no reason is known')}`;
  }
}

/** The columns of `chain history`. */
export const historyColumns = ['ended', 'end', 'rev', 'gen', 'files', 'edges', 'took', ''];

export function historyRow(outcome: RefreshOutcome): readonly string[] {
  const { end, revision, generation, files, lineage, startedAtMs, endedAtMs } = outcome;
  const sent = files === undefined ? '' : `${grouped(files.sent)} of ${grouped(files.total)}`;
  const { change } = lineage ?? {};
  return [
    localTime(new Date(endedAtMs)),
    end,
    revision === undefined ? '' : String(revision),
    String(generation),
    end === 'unchanged' ? '' : sent,
    change === undefined ? '' : signed(change.edgesAdded, change.edgesRemoved),
    formatDuration(endedAtMs - startedAtMs),
    printableLine(outcome.error?.message ?? outcome.warnings[0] ?? ''),
  ];
}

/** "unchanged 2026-05-01 02:00:07" */
export function lastWords(last: { end: RefreshEnd; endedAtMs: number } | undefined): string {
  return last === undefined
    ? 'never refreshed'
    : `${last.end} ${localTime(new Date(last.endedAtMs))}`;
}

/** What `chain show` says, a name and its words each. */
export function chainFacts(state: ChainState): readonly (readonly [string, string])[] {
  const { current, latest, paused, running, queue, unsettled, replacedJobs } = state;
  const facts: (readonly [string, string | undefined])[] = [
    ['chain', state.name],
    ['connection', state.connection],
    ['status', statusWords(state)],
    [
      'paused',
      paused && `since ${localTime(new Date(paused.atMs))}${paused.note ? `: ${paused.note}` : ''}`,
    ],
    [
      'refreshing',
      running &&
        `since ${localTime(new Date(running.sinceMs))}: ${refreshId(state, running.requestId)}`,
    ],
    ['waiting', queue.length > 0 ? count(queue.length, 'refresh', 'refreshes') : undefined],
    ['job', current && jobWords(current)],
    ['dialect', current?.settings.dbVendor],
    ['database', current?.settings.defaultDatabase],
    ['schema', current?.settings.defaultSchema],
    [
      'generation',
      current && `${current.generation}, ${count(current.submits, 'refresh', 'refreshes')}`,
    ],
    [
      'revision',
      latest === undefined
        ? 'none yet'
        : `${revisionWords(latest.revision, latest.generation)}, ${localTime(new Date(latest.atMs))}`,
    ],
    [
      'files',
      latest && `${count(latest.manifest.files, 'file')}, ${formatSize(latest.manifest.sizeBytes)}`,
    ],
    ['unsettled', unsettledWords(unsettled)],
    ['to delete', replacedJobs.length > 0 ? replacedJobs.join(', ') : undefined],
    ['last', state.refreshes[0] && outcomeWords(state.refreshes[0])],
  ];
  return facts.flatMap(([name, value]) => (value ? [[name, printableLine(value)] as const] : []));
}

/** What `watch` and `cancel` take. */
function refreshId({ connection, name }: ChainState, requestId: string): string {
  return refreshWorkflowId(chainWorkflowId(connection, name), requestId);
}

function statusWords({ running, paused, queue }: ChainState): string {
  if (running !== undefined) return paused === undefined ? 'refreshing' : 'refreshing, then paused';
  if (paused !== undefined) return 'paused';
  return queue.length > 0 ? 'about to refresh' : 'idle';
}

function jobWords({ jobId, adopted }: NonNullable<ChainState['current']>): string {
  if (jobId === undefined) return 'none is known yet';
  return adopted === true ? `${jobId} (adopted: never deleted)` : jobId;
}

function unsettledWords(unsettled: ChainState['unsettled']): string | undefined {
  if (unsettled === 'all') {
    return 'too many refreshes since the latest revision: the next one sends every file';
  }
  if (unsettled.length === 0) return undefined;
  return `${count(unsettled.length, 'refresh', 'refreshes')} since the latest revision may have reached the server; what they sent is sent again`;
}

function grouped(amount: number): string {
  return amount.toLocaleString('en-US');
}
