import { z } from 'zod';
import { maybeNumber, maybeText } from './wire';

/** How far a task is, and what it takes. */
export interface LinkisProgress {
  /** 0 to 1; a running task stops at 0.99, and a retry of the service falls back to 0. Absent where the service tells none. */
  readonly progress?: number;
  /** The engine's own steps; often empty over HTTP. */
  readonly tasks: readonly LinkisEngineTask[];
  /** Only where the engine runs on Yarn and the service could ask it. */
  readonly resources?: LinkisYarnResources;
}

/** A step of the engine's own (a Spark job), and how many of its parts have ended. */
export interface LinkisEngineTask {
  readonly id?: string;
  readonly total?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly running?: number;
}

/** What a task takes of the cluster. */
export interface LinkisYarnResources {
  readonly applications: readonly LinkisYarnApplication[];
  /** Share of the queue, 0 to 1. */
  readonly coreShare?: number;
  readonly memoryShare?: number;
}

/** One Yarn application of a task. */
export interface LinkisYarnApplication {
  readonly applicationId?: string;
  readonly queue?: string;
  readonly status?: string;
  readonly cores?: number;
  readonly memoryBytes?: number;
  readonly instances?: number;
}

/** Progress comes as 0.5, as "0.5" and, on the public page, as "10%". */
export function normalProgress(value: unknown): number | undefined {
  const percent = typeof value === 'string' && /^\s*[\d.]+\s*%\s*$/.test(value);
  const text = typeof value === 'string' ? value.replace('%', '').trim() : value;
  if (text === '' || (typeof text !== 'string' && typeof text !== 'number')) return undefined;
  const number = Number(text) / (percent ? 100 : 1);
  return Number.isFinite(number) ? Math.min(1, Math.max(0, number)) : undefined;
}

const taskSchema = z
  .object({
    id: maybeText,
    totalTasks: maybeNumber,
    succeedTasks: maybeNumber,
    failedTasks: maybeNumber,
    runningTasks: maybeNumber,
  })
  .partial()
  .transform((task): LinkisEngineTask => ({
    id: task.id,
    total: task.totalTasks,
    succeeded: task.succeedTasks,
    failed: task.failedTasks,
    running: task.runningTasks,
  }));

const applicationSchema = z
  .object({
    applicationId: maybeText,
    queue: maybeText,
    jobStatus: maybeText,
    queueCores: maybeNumber,
    queueMemory: maybeNumber,
    queueInstances: maybeNumber,
  })
  .partial()
  .transform((application): LinkisYarnApplication => ({
    applicationId: application.applicationId,
    queue: application.queue,
    status: application.jobStatus,
    cores: application.queueCores,
    memoryBytes: application.queueMemory,
    instances: application.queueInstances,
  }));

const yarnSchema = z
  .object({
    yarnResource: z.array(applicationSchema).nullish(),
    corePercent: maybeNumber,
    memoryPercent: maybeNumber,
  })
  .partial();

/** `GET /entrance/{execID}/progress` and `…/progressWithResource`. */
export const progressSchema = z
  .object({
    progress: z.union([z.number(), z.string(), z.null()]),
    progressInfo: z.array(taskSchema).nullish(),
    yarnMetrics: yarnSchema.nullish(),
  })
  .transform(({ progress, progressInfo, yarnMetrics }): LinkisProgress => {
    const applications = yarnMetrics?.yarnResource ?? undefined;
    return {
      progress: normalProgress(progress),
      tasks: progressInfo ?? [],
      resources: applications && {
        applications,
        coreShare: yarnMetrics?.corePercent,
        memoryShare: yarnMetrics?.memoryPercent,
      },
    };
  });
