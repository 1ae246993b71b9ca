import { setTimeout as sleep } from 'node:timers/promises';
import type { AcmeClient } from '../../src/clients/acme/client';
import { acmeStatus, hasEnded } from '../../src/clients/acme/status';
import type { KillReport } from '../../src/contracts/job';
import { oneReport } from '../kill-all';
import type { KillSession } from '../kill-budget';
import { endAllThatCome, lateEffectMs, lookForLateEffect } from '../late-effect';
import { findByKey } from './submission';
import { runIfKnown } from './watch-source';

const askEveryMs = 250;
const endsWithinMs = 30_000;

interface KillCheckpoint {
  /** Runs that a stop was sent for, or is about to be. */
  readonly stopping?: readonly string[];
}

export function stopsSent(session: Pick<KillSession, 'lastDetails'>): readonly string[] {
  return session.lastDetails<KillCheckpoint>()?.stopping ?? [];
}

/** Stops a run, then reads until the service says that it has ended. */
export async function killAcmeRun(
  client: AcmeClient,
  runId: string,
  session: KillSession,
): Promise<KillReport> {
  const { signal } = session;
  const sent = stopsSent(session);
  const run = await lookForLateEffect(() => runIfKnown(client, runId, signal), signal);
  if (run === undefined) return nothingFound(runId);
  if (hasEnded(run.state) && !sent.includes(runId)) {
    const evidence = `the run had ended by itself as ${run.state}`;
    return { outcome: 'alreadyFinished', remoteId: runId, status: run.state, evidence };
  }
  // Before it is sent: a repeat must not take the end that it made for the run's own.
  await session.remember({ stopping: [...new Set([...sent, runId])] } satisfies KillCheckpoint);
  await client.stop(runId, signal);
  const untilMs = Date.now() + endsWithinMs;
  for (;;) {
    const now = await runIfKnown(client, runId, signal);
    const status = now?.state;
    if (now !== undefined && acmeStatus(now.state) === 'stopped') {
      const evidence = `the service took the stop, and shows the run as ${status}`;
      return { outcome: 'confirmed', remoteId: runId, status, evidence };
    }
    if (now !== undefined && hasEnded(now.state)) {
      const evidence = `the run ended as ${status} before the stop reached it`;
      return { outcome: 'alreadyFinished', remoteId: runId, status, evidence };
    }
    if (Date.now() >= untilMs) {
      const evidence = `the service took the stop, but shows the run as ${status ?? 'unknown to it'}`;
      return { outcome: 'unconfirmed', remoteId: runId, status, evidence };
    }
    await sleep(askEveryMs, undefined, { signal });
  }
}

/** Stops every run that a submit of unknown outcome has left or still leaves. */
export async function killAcmeRunsByKey(
  client: AcmeClient,
  key: string,
  session: KillSession,
): Promise<KillReport> {
  const find = async (signal: AbortSignal) =>
    (await findByKey(client, key, signal)).map(({ runId }) => ({
      remoteId: runId,
      end: (bounded: KillSession) => killAcmeRun(client, runId, bounded),
    }));
  return oneReport(await endAllThatCome(session, find, lateEffectMs)) ?? nothingFound(undefined);
}

function nothingFound(remoteId: string | undefined): KillReport {
  return { outcome: 'nothingToKill', remoteId, evidence: 'the service knows no such run' };
}
