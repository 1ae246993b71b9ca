import { Readable } from 'node:stream';
import { gatherInputs } from '../artifacts/gather-inputs';
import { readManifest } from '../artifacts/manifest';
import { stageFiles } from '../artifacts/staging';
import type { ArtifactStore } from '../artifacts/store';
import type { ManifestRef } from '../contracts/chain';
import type { Limits } from '../contracts/limits';
import type { ParamValue, PipelineDefinition } from '../contracts/pipeline';
import { expressionsOf, isOutput } from '../contracts/pipeline-expressions';
import type { PipelineSnapshot } from '../contracts/pipeline-snapshot';
import type { GraphStep, PipelineInput, PreparedStep } from '../contracts/pipeline-steps';
import type { ScheduledFiles } from '../contracts/schedule';
import { renderBody } from './render-body';
import { stepRun, type StepRun } from './step-run';

/** What a pipeline is staged with: its parameters, its time, where its files lie. */
export interface StagePipelineOptions {
  readonly params: Readonly<Record<string, ParamValue>>;
  /** What `scheduledTime` stands for, epoch milliseconds. */
  readonly scheduledAtMs: number;
  /** What relative paths begin at. Absolute. */
  readonly folder: string;
  /** The connection of a chain that names none. */
  readonly chainConnection?: string;
  /** Folders that files may come from. @default any */
  readonly roots?: readonly string[];
  readonly limits?: Partial<Limits>;
  readonly signal: AbortSignal;
  /** Told before each step's files are read. */
  readonly onStep?: (name: string) => void;
}

/**
 * Stages a checked pipeline as it is now: each step's files by their hashes, and what the steps do
 * in one file. What comes back is what the workflow takes. Repeating it stores the same again.
 *
 * @throws StagingError files that aren't there or may not be read
 * @throws ExpressionError a path's expression can't be filled in
 */
export async function stagePipeline(
  store: ArtifactStore,
  definition: PipelineDefinition,
  options: StagePipelineOptions,
): Promise<PipelineInput> {
  const { name, timeZone, maxParallel, timeoutMs } = definition;
  const { params, scheduledAtMs, signal } = options;
  const stage = new Stage(store, definition, options);
  const steps: Record<string, PreparedStep> = {};
  for (const step of definition.steps) {
    options.onStep?.(step.name);
    steps[step.name] = await stage.run(stepRun(step, { ...options, pipeline: name }));
  }
  const snapshot: PipelineSnapshot = { version: 1, name, params, scheduledAtMs, timeZone, steps };
  const body = Readable.from([JSON.stringify(snapshot)]);
  const graph: GraphStep[] = definition.steps.map(
    ({ name: step, kind, needs, when, retry, body }) => ({
      name: step,
      kind,
      needs,
      ...(when !== 'success' && { when }),
      ...(retry && { retry }),
      ...usesOf(body),
    }),
  );
  return {
    graph: { name, steps: graph, maxParallel, timeoutMs },
    snapshot: await store.putByHash(body, { format: 'json', signal }),
  };
}

/** The steps whose outputs a body reads. */
function usesOf(body: unknown): Pick<GraphStep, 'uses'> {
  const used = expressionsOf(body).flatMap(({ parts }) =>
    parts.filter(isOutput).map(({ step }) => step),
  );
  return used.length > 0 ? { uses: [...new Set(used)] } : {};
}

class Stage {
  /** Steps often read the same files. */
  private readonly gathered = new Map<string, Promise<ManifestRef>>();

  constructor(
    private readonly store: ArtifactStore,
    private readonly definition: PipelineDefinition,
    private readonly options: StagePipelineOptions,
  ) {}

  async run(run: StepRun): Promise<PreparedStep> {
    switch (run.type) {
      case 'chainRefresh': {
        const inputs = await this.gather(run.files);
        return { type: run.type, input: { ...run.refresh, inputs } };
      }
      case 'sqlflowJob':
        return { type: run.type, input: { ...run.job, files: await this.files(run) } };
      case 'sqlflowPersistJob':
        return { type: run.type, input: { ...run.job, files: await this.files(run) } };
      case 'linkisTask':
        return { type: run.type, input: { ...run.job, codeFile: await this.code(run.codeFile) } };
      case 'approval':
        return run;
    }
  }

  private gather(raw: ScheduledFiles): Promise<ManifestRef> {
    const { folder, ...what } = this.filled(raw);
    const { roots, limits, signal } = this.options;
    const key = JSON.stringify([folder, what]);
    const known = this.gathered.get(key);
    if (known !== undefined) return known;
    const gathering = gatherInputs(this.store, what, { roots, limits, cwd: folder, signal });
    this.gathered.set(key, gathering);
    return gathering;
  }

  private async files({
    files,
    job,
  }: {
    readonly files: ScheduledFiles;
    readonly job: { readonly database?: unknown };
  }) {
    if (job.database !== undefined && files.paths.length === 0) return undefined;
    const manifest = await this.gather(files);
    return (await readManifest(this.store, manifest, this.options.signal)).files;
  }

  private async code(file: string | undefined) {
    if (file === undefined) return undefined;
    const { roots, limits, signal } = this.options;
    const [staged] = await stageFiles(this.store, [this.filled(file)], { roots, limits, signal });
    return staged;
  }

  private filled<Value>(value: Value): Value {
    const { params, scheduledAtMs } = this.options;
    const { timeZone } = this.definition;
    return renderBody(value, { params, outputs: {}, scheduledAtMs, timeZone });
  }
}
