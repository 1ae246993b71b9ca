import type { SeenTask } from '../activities/linkis/seen-task';
import { linkisStatusSource } from '../activities/linkis/watch-source';
import { sqlflowStatusSource, type SqlFlowSighting } from '../activities/sqlflow/watch-source';
import { isTerminalLinkisStatus } from '../src/clients/linkis/public';
import { sqlflowStatus } from '../src/clients/sqlflow/public';
import { openSettings } from '../src/config/options';
import type { Vendor } from '../src/contracts/names';
import { Watcher, type StatusSource, type WatchBudget } from '../src/watch/watcher';
import { linkisClient, linkisConnection, linkisUser } from './linkis-target';
import { sqlflowClient, sqlflowConnection } from './sqlflow-target';

type Snapshot = SeenTask | SqlFlowSighting;

/** A service as somebody who waits for its jobs sees it. */
export interface WatchedService {
  /** One request for one job: whether it has ended. A request that fails says that it hasn't. */
  hasEnded(id: string, signal: AbortSignal): Promise<boolean>;
  isEnd(status: string): boolean;
  /** Whether a look that shows an end leaves nothing to ask, as the waiting activity judges it. */
  isSureEnd(snapshot: Snapshot): boolean;
  /** As a worker makes it: on the connection's client, with the connection's request budget. */
  readonly watcher: Watcher<Snapshot>;
  /** Requests of {@link hasEnded} that failed. */
  readonly failedRequests: number;
  /** How often a job was asked about: a look at thirty asks about each. */
  readonly jobsAsked: number;
}

interface Connected extends Pick<WatchedService, 'hasEnded' | 'isEnd' | 'isSureEnd'> {
  readonly source: StatusSource<Snapshot>;
  readonly budget: WatchBudget;
}

type Connect = (url: string) => Promise<Connected>;

const connects: Readonly<Record<Vendor, Connect>> = {
  async sqlflow(url) {
    const client = sqlflowClient(url);
    const { connections } = openSettings({ connections: { sqlflow: sqlflowConnection(url) } });
    const { client: watched, budget } = await connections.sqlflow();
    const source: StatusSource<Snapshot> = sqlflowStatusSource(() => Promise.resolve(watched));
    const isEnd = (status: string) => !['queued', 'running'].includes(sqlflowStatus(status));
    return {
      isSureEnd: (job) => 'jobId' in job && job.isListed !== true,
      hasEnded: async (jobId, signal) =>
        isEnd((await client.displayUserJobSummary({ jobId }, signal)).status),
      isEnd,
      source,
      budget,
    };
  },
  async linkis(url) {
    const client = linkisClient(url);
    const { connections } = openSettings({ connections: { linkis: linkisConnection(url) } });
    const { client: watched, budget } = await connections.linkis();
    const source: StatusSource<Snapshot> = linkisStatusSource(
      () => Promise.resolve(watched),
      linkisUser,
    );
    return {
      isSureEnd: () => false,
      hasEnded: async (taskId, signal) =>
        isTerminalLinkisStatus((await client.getTask(taskId, { signal, user: linkisUser })).status),
      isEnd: isTerminalLinkisStatus,
      source,
      budget,
    };
  },
};

export async function connectTo(vendor: Vendor, url: string): Promise<WatchedService> {
  const { source, budget, ...service } = await connects[vendor](url);
  let failedRequests = 0;
  let jobsAsked = 0;
  const look = source.look.bind(source);
  source.look = (ids, signal) => {
    jobsAsked += ids.length;
    return look(ids, signal);
  };
  return {
    ...service,
    watcher: new Watcher(source, { budget }),
    async hasEnded(id, signal) {
      jobsAsked += 1;
      try {
        return await service.hasEnded(id, signal);
      } catch {
        failedRequests += 1;
        return false;
      }
    },
    get failedRequests() {
      return failedRequests;
    },
    get jobsAsked() {
      return jobsAsked;
    },
  };
}
