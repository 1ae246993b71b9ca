import type { AcmeClient } from '../../src/clients/acme/client';
import type { AcmeRun } from '../../src/clients/acme/wire';
import { HttpError, VendorError } from '../../src/clients/http/errors';
import type { StatusSource } from '../../src/watch/watcher';
import { isOfTheService } from '../list-health';

/** So many ids fit into one list call. */
const idsPerLook = 100;

/** Acme's batched status: one call lists the runs of up to a hundred ids. */
export function acmeStatusSource(client: AcmeClient): StatusSource<AcmeRun> {
  return {
    idsPerLook,
    async look(ids, signal) {
      const runs = await client.listByIds(ids, signal, 'background');
      return new Map(runs.map((run) => [run.runId, run]));
    },
    isOfTheService,
    progressOf: ({ progress }) => progress,
    sameAs: (one, other) => one.state === other.state && one.progress === other.progress,
    retryAfterMs: (error) => (error instanceof HttpError ? error.retryAfterMs : undefined),
  };
}

/** The run itself, or undefined where the service says it doesn't know it. */
export async function runIfKnown(
  client: AcmeClient,
  runId: string,
  signal: AbortSignal,
): Promise<AcmeRun | undefined> {
  try {
    return await client.getRun(runId, signal);
  } catch (error) {
    if (error instanceof VendorError && error.kind === 'notFound') return undefined;
    throw error;
  }
}
