import type { AcmeConnection } from '../../src/config/connections';
import type { AcmeRun } from '../../src/clients/acme/wire';
import type { ArtifactRef } from '../../src/contracts/artifact';
import type {
  AcmeAwaitRunInput,
  AcmeKillRunInput,
  AcmeRemoveTwinsInput,
  AcmeRunTarget,
  AcmeSubmitRunInput,
} from '../../src/contracts/acme-steps';
import type { EndedJob, KillReport, RemovedTwins, SubmittedJob } from '../../src/contracts/job';
import { validateAcmeRun } from '../../src/contracts/validate-acme';
import { Watcher } from '../../src/watch/watcher';
import { defineActivity } from '../define-activity';
import { askBeforeSubmit } from '../jobs/before-submit';
import { killRetry, withinKillBudget, type KillSession } from '../kill-budget';
import { limitedExport } from '../limited-export';
import { countKill, countTwin } from '../metrics';
import { ownerOf } from '../owner';
import { removeTwins } from '../remove-twins';
import type { ActivityResources } from '../resources';
import { defineSubmit, hasSearchAttribute, refuseMistakes, submitOnce } from '../submission';
import { awaitAcmeRun } from './await-run';
import { killAcmeRun, killAcmeRunsByKey } from './kill-run';
import { adoption, findByKey, tagsOf } from './submission';
import { acmeStatusSource } from './watch-source';

/** The activities of Acme; `watch` ones run on `<queue>-watch`. */
export function createAcmeActivities(resources: ActivityResources) {
  const { connections, secrets, installation, artifacts, limits } = resources;
  const redact = (text: string) => secrets.redact(text);
  const watchers = new Map<string, Watcher<AcmeRun>>();

  function watcherOf({ name, client, budget }: AcmeConnection): Watcher<AcmeRun> {
    const watcher = watchers.get(name) ?? new Watcher(acmeStatusSource(client), { budget });
    watchers.set(name, watcher);
    return watcher;
  }

  const main = {
    /**
     * Validates a run and submits it.
     *
     * Delivery: at least once as requests go, one run as far as it can be known: after an outcome
     * that isn't certain, every further attempt lists the runs that bear the submission's key and
     * adopts what it finds. A request that takes effect only after that look makes a twin.
     */
    acmeSubmitRun: defineSubmit(
      resources,
      'acme',
      async ({ run: given, key }: AcmeSubmitRunInput, session): Promise<SubmittedJob> => {
        refuseMistakes(validateAcmeRun(given));
        const { name: connection, client } = await connections.acme(given.connection);
        const { input: run, warnings } = await askBeforeSubmit(
          resources,
          session,
          { type: 'acmeRun', vendor: 'acme', connection, key, input: given },
          validateAcmeRun,
        );
        const searchAttribute = await hasSearchAttribute(session);
        const answer = (made: AcmeRun, decision: SubmittedJob['decision']): SubmittedJob => ({
          ...{ connection, installation, warnings, searchAttribute, decision },
          remoteId: made.runId,
          submittedAtMs: made.createdAtMs,
        });
        return await submitOnce<never, SubmittedJob>(resources, session, {
          async probe(_note, signal) {
            const found = await findByKey(client, key, signal);
            return found.map((made) => answer(made, adoption(made)));
          },
          async submit(_note, signal) {
            const { name, command } = run;
            const tags = tagsOf(key, ownerOf(installation, session));
            return answer(await client.submit({ name, command, tags }, signal), 'freshSubmit');
          },
        });
      },
    ),

    /** Stores what a run printed. Delivery: at least once; a repeat replaces it by the same. */
    acmeCollectOutput: defineActivity(
      resources,
      async (input: AcmeRunTarget, { folder, signal }): Promise<ArtifactRef> => {
        const { client } = await connections.acme(input.connection);
        const output = limitedExport(await client.output(input.runId, signal), limits);
        return await artifacts.put(`${folder}/output.txt`, output, { format: 'text', signal });
      },
    ),

    /**
     * Stops a run and proves it; by the submission's key where no id is known.
     *
     * Delivery: at least once. A repeat of a stop that was sent reports that stop's outcome.
     */
    acmeKillRun: defineActivity(
      resources,
      async (input: AcmeKillRunInput, session): Promise<KillReport> => {
        const { name, client } = await connections.acme(input.connection);
        const report = await withinKillBudget(session, redact, (bounded) =>
          'runId' in input
            ? killAcmeRun(client, input.runId, bounded)
            : killAcmeRunsByKey(client, input.key, bounded),
        );
        countKill('acme', name, report);
        return report;
      },
      killRetry,
    ),
  };

  const watch = {
    /** Stops other runs of the submission. Delivery: at least once; a repeat keeps what was found. */
    acmeRemoveTwins: defineActivity(
      resources,
      async (input: AcmeRemoveTwinsInput, session): Promise<RemovedTwins> => {
        const { name, client } = await connections.acme(input.connection);
        return await removeTwins(session, {
          keep: input.runId,
          untilMs: input.untilMs,
          known: input.known,
          async find(signal) {
            return (await findByKey(client, input.key, signal)).map(({ runId }) => ({
              remoteId: runId,
              end: (patient: KillSession) => killAcmeRun(client, runId, patient),
            }));
          },
          ended: (twin) => countTwin('acme', name, twin),
        });
      },
      killRetry,
    ),

    /** Waits for the end of a run; heartbeats carry a `JobProgress`. Delivery: reads only. */
    acmeAwaitRun: defineActivity(
      resources,
      async (input: AcmeAwaitRunInput, session): Promise<EndedJob> => {
        const connection = await connections.acme(input.connection);
        return await awaitAcmeRun(watcherOf(connection), connection.client, input, session);
      },
    ),
  };

  return { main, watch };
}
