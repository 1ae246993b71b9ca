import { jobArtifacts } from '../../src/contracts/names';
import type { ArtifactRef } from '../../src/contracts/artifact';
import type { LinkisTaskTarget } from '../../src/contracts/linkis-steps';
import type {
  LinkisFile,
  LinkisLogPage,
  LinkisLogQuery,
  LinkisPageQuery,
  LinkisProgress,
  LinkisResultPage,
  LinkisTask,
  LinkisTaskFilter,
  LinkisTaskPage,
  LinkisTaskStatus,
} from '../../src/clients/linkis/public';
import { InputError } from '../../src/clients/http/errors';
import { relativePathMistake } from '../../src/contracts/relative-path';
import { defineActivity } from '../define-activity';
import { limitedExport } from '../limited-export';
import type { ActivityResources } from '../resources';
import { linesWithoutSecrets, taskWithoutSecrets } from '../without-secrets';
import { storePersistedLog } from './persisted-log';

/** Which connection, and as whom. */
export interface LinkisCaller {
  readonly connection?: string;
  readonly user?: string;
}

export interface LinkisPathInput extends LinkisCaller {
  /** With its scheme, as the service answered it. */
  readonly path: string;
}

/**
 * One activity per API call, for workflows of one's own.
 *
 * Delivery: all of them read only, so a repeat does no harm; answers over 1.5 MiB fail with
 * `RemoteJob.TooLarge`.
 */
export function linkisSingleCalls(resources: ActivityResources) {
  async function caller(input: LinkisCaller, signal: AbortSignal) {
    const connection = await resources.connections.linkis(input.connection);
    return { client: connection.client, call: { signal, user: connection.actAs(input.user) } };
  }

  const { secrets } = resources;
  const clean = (task: LinkisTask) => taskWithoutSecrets(task, secrets);

  return {
    /** What the entrance says of a task. Jobhistory decides about its end, not this. */
    linkisGetStatus: defineActivity(
      resources,
      async (
        input: LinkisTaskTarget & { execId: string },
        { signal },
      ): Promise<LinkisTaskStatus> => {
        const { client, call } = await caller(input, signal);
        return client.status(input.execId, { taskId: input.taskId }, call);
      },
    ),

    /** One page of the live log. */
    linkisGetLog: defineActivity(
      resources,
      async (
        input: LinkisCaller & LinkisLogQuery & { readonly execId: string },
        { signal },
      ): Promise<LinkisLogPage> => {
        const { client, call } = await caller(input, signal);
        const { fromLine, size, distinctLevel } = input;
        const query = { fromLine, size, distinctLevel };
        const { byLevel, ...page } = await client.log(input.execId, query, call);
        const lines = async (said: readonly string[]) => linesWithoutSecrets(said, secrets);
        return {
          ...page,
          lines: await lines(page.lines),
          ...(byLevel && {
            byLevel: {
              error: await lines(byLevel.error),
              warn: await lines(byLevel.warn),
              info: await lines(byLevel.info),
            },
          }),
        };
      },
    ),

    /** Progress (0 to 1) and the engine's own steps. */
    linkisGetProgress: defineActivity(
      resources,
      async (
        input: LinkisCaller & { readonly execId: string },
        { signal },
      ): Promise<LinkisProgress> => {
        const { client, call } = await caller(input, signal);
        return client.progress(input.execId, call);
      },
    ),

    /** The same with the Yarn resources the task holds; Linkis 1.1 and later. */
    linkisGetProgressWithResource: defineActivity(
      resources,
      async (
        input: LinkisCaller & { readonly execId: string },
        { signal },
      ): Promise<LinkisProgress> => {
        const { client, call } = await caller(input, signal);
        return client.progressWithResource(input.execId, call);
      },
    ),

    /** The task's row in jobhistory. */
    linkisGetTask: defineActivity(
      resources,
      async (
        input: LinkisCaller & { readonly taskId: string },
        { signal },
      ): Promise<LinkisTask> => {
        const { client, call } = await caller(input, signal);
        return clean(await client.getTask(input.taskId, call));
      },
    ),

    /** One page of jobhistory, newest first. */
    linkisListTasks: defineActivity(
      resources,
      async (
        input: LinkisCaller & { readonly filter: LinkisTaskFilter },
        { signal },
      ): Promise<LinkisTaskPage> => {
        const { client, call } = await caller(input, signal);
        const page = await client.listTasks(input.filter, call);
        return { ...page, tasks: await Promise.all(page.tasks.map(clean)) };
      },
    ),

    /** Up to 30 rows of jobhistory by id; Linkis 1.7 and later. */
    linkisListTaskIds: defineActivity(
      resources,
      async (
        input: LinkisCaller & { readonly taskIds: readonly string[] },
        { signal },
      ): Promise<readonly LinkisTask[]> => {
        const { client, call } = await caller(input, signal);
        return Promise.all((await client.listTaskIds(input.taskIds, call)).map(clean));
      },
    ),

    /** The result files of a folder, in the order of the statements. */
    linkisListResultSets: defineActivity(
      resources,
      async (input: LinkisPathInput, { signal }): Promise<readonly LinkisFile[]> => {
        const { client, call } = await caller(input, signal);
        return client.getDirFileTrees(input.path, call);
      },
    ),

    /** One page of a result set. */
    linkisGetResultPage: defineActivity(
      resources,
      async (
        input: LinkisPathInput & { readonly page: LinkisPageQuery },
        { signal },
      ): Promise<LinkisResultPage> => {
        const { client, call } = await caller(input, signal);
        return client.openFile(input.path, input.page, call);
      },
    ),

    /** The whole persisted log of an ended task, stored as an artifact. */
    linkisGetPersistedLog: defineActivity(
      resources,
      async (
        input: LinkisPathInput,
        { signal, folder },
      ): Promise<ArtifactRef & { readonly lines: number }> => {
        const { client, call } = await caller(input, signal);
        const key = `${folder}/${jobArtifacts.log}`;
        const order = { path: input.path, key };
        const { ref, lines } = await storePersistedLog(client, resources, order, call);
        return { ...ref!, lines };
      },
    ),

    /** One result set as the *service* renders it (its CSV is lossy), stored as an artifact. */
    linkisExportResultSet: defineActivity(
      resources,
      async (
        input: LinkisPathInput & { readonly format: 'csv' | 'xlsx'; readonly name: string },
        { signal, folder },
      ): Promise<ArtifactRef> => {
        const key = exportKey(folder, input.name, input.format);
        const { client, call } = await caller(input, signal);
        const { format } = input;
        const body = await client.resultsetToExcel(input.path, { type: format }, call);
        return resources.artifacts.put(key, limitedExport(body, resources.limits), {
          format,
          signal,
        });
      },
    ),

    /** Every table of a result folder as one Excel file with a sheet each, stored as an artifact. */
    linkisExportResultSets: defineActivity(
      resources,
      async (
        input: LinkisPathInput & { readonly name: string },
        { signal, folder },
      ): Promise<ArtifactRef> => {
        const key = exportKey(folder, input.name, 'xlsx');
        const { client, call } = await caller(input, signal);
        const body = await client.resultsetsToExcel(input.path, {}, call);
        const file = limitedExport(body, resources.limits);
        return resources.artifacts.put(key, file, { format: 'xlsx', signal });
      },
    ),
  };
}

/** Where an exported file goes; asked for before anything is sent. */
function exportKey(folder: string, name: string, format: string): string {
  const field = (value: unknown) => JSON.stringify(value)?.slice(0, 200) ?? 'missing';
  if (format !== 'csv' && format !== 'xlsx') {
    throw new InputError('format', `is ${field(format)}; give csv or xlsx`);
  }
  const mistake = typeof name === 'string' ? relativePathMistake(name) : 'is no text';
  if (mistake === undefined) return `${folder}/exports/${name}.${format}`;
  throw new InputError('name', `${field(name)} ${mistake}; give a relative path, such as "orders"`);
}
