import type { LinkisClient } from '../../src/clients/linkis/client';
import type { KillReport } from '../../src/contracts/job';
import { oneReport } from '../kill-all';
import { endAllThatCome, lateEffectMs } from '../late-effect';
import type { KillSession } from '../kill-budget';
import { killLinkisTask, killsSent } from './kill-task';
import { findAllByKey } from './submission';

/**
 * Kills every task that a submit of unknown outcome has left or still leaves: none, one, or twins.
 * It answers only when no more are to be expected.
 */
export async function killLinkisTasksByKey(
  client: LinkisClient,
  input: { readonly key: string; readonly sinceMs: number; readonly user: string },
  session: KillSession,
  withinMs = lateEffectMs,
): Promise<KillReport> {
  const { key, sinceMs, user } = input;
  const sentBefore = killsSent(session);
  const find = async (signal: AbortSignal) => {
    const tasks = await findAllByKey(client, key, sinceMs, { signal, user, priority: 'urgent' });
    const execIds = new Map<string, string | undefined>(sentBefore.map((id) => [id, undefined]));
    for (const { taskId, execId } of tasks) execIds.set(taskId, execId);
    return [...execIds].map(([taskId, execId]) => ({
      remoteId: taskId,
      end: (bounded: KillSession) => killLinkisTask(client, { taskId, execId, user }, bounded),
    }));
  };
  return (
    oneReport(await endAllThatCome(session, find, withinMs)) ?? {
      outcome: 'nothingToKill',
      evidence: "no task in jobhistory bears this submission's key",
    }
  );
}
