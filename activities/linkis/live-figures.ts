import { LogChunks } from '../../src/artifacts/log-chunks';
import { RemoteServiceError } from '../../src/clients/http/errors';
import type { LinkisClient } from '../../src/clients/linkis/client';
import { isEndpointAbsent } from '../../src/clients/linkis/envelope';
import type { LinkisProgress } from '../../src/clients/linkis/wire-progress';
import type { JobProgress, JobResources } from '../../src/contracts/job';
import { logChunksFolder } from '../../src/contracts/names';
import type { LinkisTaskTarget } from '../../src/contracts/linkis-steps';
import type { ActivityResources } from '../resources';
import { execHolder } from './exec-holder';
import { LogReader } from './log-reader';
import type { SeenTask } from './seen-task';

type TaskCall = { readonly signal: AbortSignal; readonly user: string };

/** Lines asked for in one call while a task runs. */
const logPageLines = 2000;
/** Pages read in one go, so that a chatty task doesn't keep the others waiting. */
const pagesAtOnce = 10;

/**
 * Progress, resources and new log lines of one running task. They are a help for whoever watches:
 * a service that doesn't answer here (the task isn't in the entrance's memory) disturbs nothing.
 */
export class LiveFigures {
  private readonly chunks: LogChunks;
  private withResources = true;
  private logLines = 0;
  private lastProgress = 0;
  /** Names another task since its entrance restarted, and will never name this one again. */
  private foreignExecId: string | undefined;

  constructor(
    private readonly client: LinkisClient,
    private readonly target: LinkisTaskTarget,
    private readonly resources: Pick<ActivityResources, 'artifacts' | 'limits' | 'secrets'>,
    folder: string,
  ) {
    this.chunks = new LogChunks(resources.artifacts, logChunksFolder(folder, target.taskId));
  }

  async read(task: SeenTask, signal: AbortSignal): Promise<Partial<JobProgress>> {
    // A queued row has no execID yet; the one that submit answered is the right one then. Later the
    // row's is: an entrance that took over gives a new one, and the old one may name another task.
    const execId = task.execId ?? this.target.execId;
    if (execId === undefined || execId === this.foreignExecId) return {};
    const call = { signal, user: this.target.user, priority: 'live' } as const;
    const isForeign = () => this.isForeign(task, execId, call);
    const log = await this.newLines(execId, isForeign, call);
    if (this.foreignExecId === execId) return log;
    const figures = await this.progress(execId, call);
    // Progress that goes back may be another task's, whose log is shorter than the one kept so far.
    const { progress = this.lastProgress } = figures;
    if (progress < this.lastProgress && (await this.mayBeForeign(isForeign))) return log;
    this.lastProgress = progress;
    return { ...figures, ...log };
  }

  private async isForeign(task: SeenTask, execId: string, call: TaskCall): Promise<boolean> {
    const { kind } = await execHolder(this.client, task, execId, call);
    if (kind === 'other') this.foreignExecId = execId;
    return kind === 'other' || kind === 'unclear';
  }

  /** Where it can't be found out, the figures are left out, too. */
  private async mayBeForeign(isForeign: () => Promise<boolean>): Promise<boolean> {
    try {
      return await isForeign();
    } catch (error) {
      if (error instanceof RemoteServiceError) return true;
      throw error;
    }
  }

  private async progress(execId: string, call: TaskCall): Promise<Partial<JobProgress>> {
    try {
      if (this.withResources) {
        try {
          return figures(await this.client.progressWithResource(execId, call));
        } catch (error) {
          // Linkis 1.0.2 has no progressWithResource.
          if (!isEndpointAbsent(error)) throw error;
          this.withResources = false;
        }
      }
      return figures(await this.client.progress(execId, call));
    } catch (error) {
      if (error instanceof RemoteServiceError) return {};
      throw error;
    }
  }

  private async newLines(
    execId: string,
    isForeign: () => Promise<boolean>,
    call: TaskCall,
  ): Promise<Partial<JobProgress>> {
    const { limits, secrets } = this.resources;
    // The job goes on all the same; that its log is too long is told once it has ended.
    if (this.logLines > limits.maxLogLines) return { logLines: this.logLines };
    const reader = new LogReader(this.client, this.chunks, secrets, isForeign);
    try {
      const pages = { lines: logPageLines, count: pagesAtOnce };
      const { lines } = await reader.readOn(execId, pages, call);
      this.logLines = lines;
      return { logLines: lines };
    } catch (error) {
      if (!(error instanceof RemoteServiceError)) throw error;
      return { logLines: (await this.chunks.resume(call.signal)).lines };
    }
  }
}

function figures({ progress, tasks, resources }: LinkisProgress): Partial<JobProgress> {
  const total = tasks.reduce((sum, task) => sum + (task.total ?? 0), 0);
  const done = tasks.reduce((sum, task) => sum + (task.succeeded ?? 0), 0);
  return {
    progress,
    detail: total > 0 ? `${done} of ${total} engine tasks` : undefined,
    resources: resources && yarn(resources.applications),
  };
}

function yarn(
  applications: NonNullable<LinkisProgress['resources']>['applications'],
): JobResources | undefined {
  const [first] = applications;
  if (first === undefined) return undefined;
  return {
    cores: applications.reduce((sum, application) => sum + (application.cores ?? 0), 0),
    memoryBytes: applications.reduce((sum, application) => sum + (application.memoryBytes ?? 0), 0),
    queue: first.queue,
    applicationId: first.applicationId,
  };
}
