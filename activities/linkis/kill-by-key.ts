import type { LinkisClient } from '../../src/clients/linkis/client';
import type { KillReport } from '../../src/contracts/job';
import { oneReport } from '../kill-all';
import { lookForLateEffect } from '../late-effect';
import type { KillSession } from '../kill-budget';
import { killLinkisTask, killsSent } from './kill-task';
import { findAllByKey } from './submission';

/** Kills every task that a submit of unknown outcome may have left: none, one, or a twin beside it. */
export async function killLinkisTasksByKey(
  client: LinkisClient,
  input: { readonly key: string; readonly sinceMs: number; readonly user: string },
  session: KillSession,
): Promise<KillReport> {
  const { key, sinceMs, user } = input;
  const { signal } = session;
  const window = { fromMs: sinceMs, user };
  const found = await lookForLateEffect(async () => {
    const tasks = await findAllByKey(client, key, window, signal);
    return tasks.length > 0 ? tasks : undefined;
  }, signal);
  const targets = new Map<string, string | undefined>(
    killsSent(session).map((taskId) => [taskId, undefined]),
  );
  for (const { taskId, execId } of found ?? []) targets.set(taskId, execId);
  const reports: KillReport[] = [];
  for (const [taskId, execId] of targets) {
    reports.push(await killLinkisTask(client, { taskId, execId, user }, session));
  }
  return (
    oneReport(reports) ?? {
      outcome: 'nothingToKill',
      evidence: "no task in jobhistory bears this submission's key",
    }
  );
}
