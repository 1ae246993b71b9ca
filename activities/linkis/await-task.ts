import { VendorError } from '../../src/clients/http/errors';
import type { LinkisClient } from '../../src/clients/linkis/client';
import { linkisStatus } from '../../src/clients/linkis/status';
import type { LinkisTask } from '../../src/clients/linkis/wire-task';
import type { ArtifactStore } from '../../src/artifacts/store';
import type { SecretResolver } from '../../src/config/secrets';
import type { EndedJob } from '../../src/contracts/job';
import type { LinkisAwaitTaskInput } from '../../src/contracts/linkis-steps';
import type { Watcher } from '../../src/watch/watcher';
import type { LiveBudget } from '../live-budget';
import type { ActivitySession } from '../session';
import { waitForEnd } from '../waiting';
import { withoutSecrets } from '../without-secrets';
import { LiveFigures } from './live-figures';
import { taskIfKnown } from './watch-source';

/** Waits for one Linkis task; only jobhistory ends it, never what an entrance has in memory. */
export async function awaitLinkisTask(
  client: LinkisClient,
  watcher: Watcher<LinkisTask>,
  store: ArtifactStore,
  secrets: SecretResolver,
  liveBudget: LiveBudget,
  input: LinkisAwaitTaskInput,
  session: ActivitySession,
): Promise<EndedJob> {
  const release = liveBudget.acquire();
  const live = release && new LiveFigures(client, input, store, secrets, session.folder);
  try {
    return await waitForEnd<LinkisTask, EndedJob>(session, {
      watcher,
      id: input.taskId,
      title: `Linkis task ${input.taskId}`,
      submittedAtMs: input.submittedAtMs,
      deadlineAtMs: input.deadlineAtMs,
      progressOf: ({ status, progress }) => ({ status, progress }),
      async endOf(listed, signal) {
        if (outcomeOf(listed) === undefined) return undefined;
        const task = await taskIfKnown(client, input.taskId, input.user, signal);
        const outcome = task && outcomeOf(task);
        if (task === undefined || outcome === undefined) return undefined;
        return {
          outcome,
          status: task.status,
          endedAtMs: Date.now(),
          errorCode: task.errorCode,
          errorMessage:
            task.errorMessage && (await withoutSecrets(task.errorMessage, secrets)).slice(0, 700),
        };
      },
      async stillThere(signal) {
        return (await taskIfKnown(client, input.taskId, input.user, signal)) ?? 'gone';
      },
      live: live && ((task, signal) => live.read(task, signal)),
      isRefusal: (error) => error instanceof VendorError && error.kind === 'auth',
    });
  } finally {
    release?.();
  }
}

function outcomeOf(task: LinkisTask): EndedJob['outcome'] | undefined {
  const status = linkisStatus(task.status);
  const ended =
    status === 'succeeded' ||
    status === 'failed' ||
    status === 'cancelled' ||
    status === 'timedOut';
  return ended ? status : undefined;
}
