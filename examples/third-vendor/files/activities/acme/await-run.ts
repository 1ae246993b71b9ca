import type { AcmeClient } from '../../src/clients/acme/client';
import { acmeStatus } from '../../src/clients/acme/status';
import type { AcmeRun } from '../../src/clients/acme/wire';
import { VendorError } from '../../src/clients/http/errors';
import type { AcmeAwaitRunInput } from '../../src/contracts/acme-steps';
import type { EndedJob } from '../../src/contracts/job';
import type { Watcher } from '../../src/watch/watcher';
import type { ActivitySession } from '../session';
import { waitForEnd } from '../waiting';
import { runIfKnown } from './watch-source';

const outcomes = { succeeded: 'succeeded', failed: 'failed', stopped: 'cancelled' } as const;

/** Waits for one run. The list is as true as the run's own record, so either may end the wait. */
export function awaitAcmeRun(
  watcher: Watcher<AcmeRun>,
  client: AcmeClient,
  { runId, submittedAtMs, deadlineAtMs }: AcmeAwaitRunInput,
  session: ActivitySession,
): Promise<EndedJob> {
  return waitForEnd<AcmeRun, EndedJob>(session, {
    watcher,
    id: runId,
    title: `Acme run ${runId}`,
    submittedAtMs,
    deadlineAtMs,
    progressOf: ({ state, progress }) => ({ status: state, progress }),
    endOf: (run) => Promise.resolve(endOf(run)),
    stillThere: async (signal) => (await runIfKnown(client, runId, signal)) ?? 'gone',
    isRefusal: (error) => error instanceof VendorError && error.kind === 'auth',
  });
}

function endOf({ state, error }: AcmeRun): EndedJob | undefined {
  const kind = acmeStatus(state);
  if (kind === 'queued' || kind === 'running' || kind === 'unknown') return undefined;
  const errorMessage = error?.slice(0, 700);
  return { outcome: outcomes[kind], status: state, endedAtMs: Date.now(), errorMessage };
}
