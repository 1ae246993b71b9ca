import type { ChainGeneration, ChainSettings, RefreshInput } from '../../src/contracts/chain';
import type { FileComparison } from './compare-manifests';
import type { CurrentJob } from './current-job';

export interface ChosenGeneration {
  readonly generation: ChainGeneration;
  /** True where it takes the place of a job that is there. */
  readonly candidate: boolean;
  readonly isNew: boolean;
  /** Why it is a new one, and what else a reader should know. */
  readonly warnings: readonly string[];
}

/** The job that a refresh submits to: the present one, or a new one where something asks for it. */
export function chooseGeneration(
  input: RefreshInput,
  job: CurrentJob,
  files: Pick<FileComparison, 'unlike' | 'removed'>,
): ChosenGeneration {
  const { request, current, nextKey } = input;
  const settings = settingsOf(request);
  if (current === undefined) {
    const generation = { generation: 1, key: nextKey, settings, submits: 0 };
    return { generation, candidate: false, isNew: true, warnings: [] };
  }
  const number = current.generation + 1;
  const reasons = [
    ...whyGone(job),
    ...settingsChanges(current.settings, settings),
    ...(job.kind === 'there' ? whyRebuild(input, current, files) : []),
  ];
  const notes = job.kind === 'there' ? job.warnings : [];
  if (reasons.length === 0) {
    const generation = job.kind === 'there' ? { ...current, jobId: job.jobId } : current;
    return {
      generation,
      candidate: false,
      isNew: false,
      warnings: [...notes, ...whyNote(input, files)],
    };
  }
  return {
    generation: { generation: number, key: nextKey, settings, submits: 0 },
    candidate: job.kind === 'there',
    isNew: true,
    warnings: [
      ...notes,
      ...reasons.map((reason) => `generation ${number}, a new SQLFlow job of all files: ${reason}`),
    ],
  };
}

export function settingsOf({
  dbVendor,
  defaultDatabase,
  defaultSchema,
}: ChainSettings): ChainSettings {
  return { dbVendor, defaultDatabase, defaultSchema };
}

function whyGone(job: CurrentJob): string[] {
  if (job.kind !== 'gone') return [];
  return [`SQLFlow knows job ${job.jobId} no more; somebody deleted it, and its lineage with it`];
}

function settingsChanges(before: ChainSettings, now: ChainSettings): string[] {
  const changes = [
    change('dbvendor', before.dbVendor, now.dbVendor),
    change('default database', before.defaultDatabase, now.defaultDatabase),
    change('default schema', before.defaultSchema, now.defaultSchema),
  ].flat();
  if (changes.length === 0) return [];
  return [`the ${changes.join(', the ')} changed, and SQLFlow fixes that when it makes a job`];
}

function change(what: string, before: string | undefined, now: string | undefined): string[] {
  if ((before ?? '') === (now ?? '')) return [];
  return [`${what} (${before || 'none'} → ${now || 'none'})`];
}

function whyRebuild(
  { request }: RefreshInput,
  { submits }: ChainGeneration,
  { unlike, removed }: Pick<FileComparison, 'unlike' | 'removed'>,
): string[] {
  const { rebuildEvery } = request;
  const rebuilds = removed.length > 0 && request.removed !== 'note';
  // An unchanged day submits nothing, not even a rebuild that is due.
  const isDue = rebuildEvery !== undefined && submits >= rebuildEvery && unlike.length > 0;
  return [
    request.rebuild === true ? ['a rebuild was asked for'] : [],
    rebuilds ? [`${removedFiles(removed)}, and SQLFlow keeps the lineage of what it once got`] : [],
    isDue
      ? [`${submits} refreshes have gone into the job, and rebuildEvery is ${rebuildEvery}`]
      : [],
  ].flat();
}

function whyNote(
  { request }: RefreshInput,
  { removed }: Pick<FileComparison, 'removed'>,
): string[] {
  if (removed.length === 0 || request.removed !== 'note') return [];
  return [`${removedFiles(removed)}; SQLFlow keeps their lineage until a rebuild`];
}

function removedFiles(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => name.slice(0, 60));
  const more = names.length > shown.length ? `, and ${names.length - shown.length} more` : '';
  return `${names.length === 1 ? 'a file was' : `${names.length} files were`} removed (${shown.join(', ')}${more})`;
}
