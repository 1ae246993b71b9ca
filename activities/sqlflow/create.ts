import type { SqlFlowListedJob } from '../../src/clients/sqlflow/job-selection';
import type { KillReport, RemovedTwins } from '../../src/contracts/job';
import type { SqlFlowAttachInput } from '../../src/contracts/sqlflow';
import type {
  CollectedLineage,
  EndedSqlFlowJob,
  SqlFlowAwaitJobInput,
  SqlFlowCollectLineageInput,
  SqlFlowKillJobInput,
  SqlFlowRemoveTwinsInput,
  SqlFlowRevision,
  SqlFlowSubmitJobInput,
  SqlFlowSubmitPersistJobInput,
  SubmittedSqlFlowJob,
} from '../../src/contracts/sqlflow-steps';
import {
  validateSqlFlowAttach,
  validateSqlFlowJob,
  validateSqlFlowPersistJob,
} from '../../src/contracts/validate-sqlflow';
import type { SqlFlowConnection } from '../../src/config/connections';
import { Watcher } from '../../src/watch/watcher';
import { AtOnce } from '../at-once';
import { defineActivity } from '../define-activity';
import { noticesOfEnds } from '../../src/contracts/notify';
import { asking } from '../notify/asking';
import { askBeforeSubmit } from '../jobs/before-submit';
import { killRetry, withinKillBudget, type KillSession } from '../kill-budget';
import { ownerOf } from '../owner';
import { meteredSource, WaitingMeter } from '../meter-watch';
import { countKill, countOutputs, countTwin } from '../metrics';
import { removeTwins } from '../remove-twins';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';
import {
  defineSubmit,
  hasSearchAttribute,
  refuseMistakes,
  submitOnce,
  wantsEnds,
} from '../submission';
import { awaitSqlFlowJob, type SqlFlowWatch } from './await-job';
import { collectLineage } from './collect-lineage';
import { killSqlFlowJobsByKey } from './kill-by-key';
import { deleteJob, deletesSent, killSqlFlowJob } from './kill-job';
import { revisionBefore, revisionOf, sameRevision } from './revision';
import { sqlflowSingleCalls } from './single-calls';
import { bearsKey, durationKind, isOwnName, keyedJobName } from './job-name';
import { adoption, findAllByKey, uploads, withPassword } from './submission';
import { sqlflowStatusSource, summaryIfKnown } from './watch-source';

/** Ten thousand jobs that end at once leave room for a kill. */
const mostSummaries = 8;

/** The activities of Gudu SQLFlow; `watch` ones run on `<queue>-watch`. */
export function createSqlFlowActivities(resources: ActivityResources) {
  const { connections, secrets, installation } = resources;
  const redact = (text: string) => secrets.redact(text);
  const watches = new Map<string, SqlFlowWatch>();
  const waiting = new WaitingMeter('sqlflow', resources.meter);

  function watchOf({ name, client, budget }: SqlFlowConnection): SqlFlowWatch {
    const known = watches.get(name);
    if (known !== undefined) return known;
    const source = sqlflowStatusSource(() => Promise.resolve(client), {
      requestsAreScarce: budget.quotaLeft !== undefined,
    });
    const few = new AtOnce(mostSummaries);
    const watch: SqlFlowWatch = {
      watcher: new Watcher(
        meteredSource(source, { vendor: 'sqlflow', connection: name }, resources.meter),
        { budget },
      ),
      ownSummary: (jobId, signal) =>
        few.run(jobId, () => summaryIfKnown(client, jobId, signal), signal),
    };
    watches.set(name, watch);
    return watch;
  }

  /** What every submit answers, whatever its decision. */
  async function answers(
    name: string,
    session: ActivitySession,
    policyWarnings: readonly string[] = [],
  ) {
    const searchAttribute = await hasSearchAttribute(session);
    return (
      job: SqlFlowListedJob,
      decision: SubmittedSqlFlowJob['decision'],
    ): SubmittedSqlFlowJob => ({
      connection: name,
      installation,
      remoteId: job.jobId,
      jobName: job.jobName,
      decision,
      submittedAtMs: Date.now(),
      warnings: [...policyWarnings, ...job.warnings],
      searchAttribute,
    });
  }

  const main = {
    /**
     * Validates a simple job and submits it with its staged files.
     *
     * Delivery: at least once as requests go, one job as far as it can be known: after an outcome
     * that isn't certain, every further attempt looks through the account's jobs for the
     * submission's key in the name, and adopts what it finds. A request that takes effect only after
     * that look makes a twin.
     */
    sqlflowSubmitJob: defineSubmit(
      resources,
      'sqlflow',
      async ({ job: given, key }: SqlFlowSubmitJobInput, session): Promise<SubmittedSqlFlowJob> => {
        refuseMistakes(validateSqlFlowJob(given));
        const { name, client } = await connections.sqlflow(given.connection);
        const { input: job, warnings } = await askBeforeSubmit(
          resources,
          session,
          { type: 'sqlflowJob', vendor: 'sqlflow', connection: name, key, input: given },
          validateSqlFlowJob,
        );
        const answer = await answers(name, session, warnings);
        return await submitOnce<never, SubmittedSqlFlowJob>(resources, session, {
          async probe(_note, signal) {
            const found = await findAllByKey(client, installation, key, signal);
            return found.map((row) => answer(row, adoption(row)));
          },
          async submit(_note, signal) {
            const submitted = await client.submitUserJob(
              {
                ...job,
                jobName: keyedJobName(job.jobName, {
                  ...ownerOf(installation, session),
                  key,
                  persist: false,
                }),
                files: uploads(job.files, resources, signal),
                database: await withPassword(job.database, secrets),
              },
              signal,
            );
            return answer(submitted, 'freshSubmit');
          },
        });
      },
    ),

    /**
     * Validates one run of a persist job and submits it; with a jobId it adds to that job.
     *
     * Delivery: as `sqlflowSubmitJob` for a first submit. With a jobId, the revision before the
     * submit is recorded first, and after an uncertain outcome a moved revision, or the key in the
     * job's name, means that this submit was taken; where the service knows the jobId no more, the
     * job that bears the key is the same one under another id.
     */
    sqlflowSubmitPersistJob: defineSubmit(
      resources,
      'sqlflow',
      async (
        { job: given, key, mayHaveTwin }: SqlFlowSubmitPersistJobInput,
        session,
      ): Promise<SubmittedSqlFlowJob> => {
        refuseMistakes(validateSqlFlowPersistJob(given));
        const { name, client } = await connections.sqlflow(given.connection);
        const { input: job, warnings } = await askBeforeSubmit(
          resources,
          session,
          { type: 'sqlflowPersistJob', vendor: 'sqlflow', connection: name, key, input: given },
          validateSqlFlowPersistJob,
        );
        const answer = await answers(name, session, warnings);
        const owner = ownerOf(installation, session);
        const send = async (signal: AbortSignal) => {
          const submitted = await client.submitPersistJob(
            {
              ...job,
              jobName: keyedJobName(job.jobName, { ...owner, key, persist: true }),
              incremental: job.incremental ?? true,
              files: uploads(job.files, resources, signal),
              database: await withPassword(job.database, secrets),
            },
            signal,
          );
          return answer(submitted, 'freshSubmit');
        };
        const { jobId } = job;
        if (jobId === undefined) {
          const submitted = await submitOnce<never, SubmittedSqlFlowJob>(resources, session, {
            async probe(_note, signal) {
              const found = await findAllByKey(client, installation, key, signal);
              const own = found.filter(({ jobName }) => isOwnName(jobName, owner));
              return own.map((row) => answer(row, adoption(row)));
            },
            submit: (_note, signal) => send(signal),
          });
          return mayHaveTwin === true ? { ...submitted, mayHaveTwin } : submitted;
        }
        return await submitOnce<SqlFlowRevision, SubmittedSqlFlowJob>(resources, session, {
          async prepare(signal) {
            return await revisionBefore(client, jobId, signal);
          },
          async probe(previous, signal) {
            const now = await summaryIfKnown(client, jobId, signal);
            if (now === undefined) {
              // Taken, and answered with another jobId; or somebody deleted the job.
              const moved = await findAllByKey(client, installation, key, signal);
              return moved.map((row) => ({ ...answer(row, adoption(row)), previous }));
            }
            // A key that has come into the name is the proof; a service may keep the old name, though.
            const bears = (name = '') => bearsKey(name, installation, key);
            const taken =
              previous !== undefined &&
              ((bears(now.jobName) && !bears(previous.jobName)) ||
                adoption(now) === 'adopted' ||
                !sameRevision(revisionOf(now), previous));
            return taken ? [{ ...answer(now, adoption(now)), previous }] : [];
          },
          async submit(previous, signal) {
            return { ...(await send(signal)), previous };
          },
        });
      },
    ),

    /** Reads a job that somebody else submitted. Delivery: reads only, so repeats do no harm. */
    sqlflowAttachJob: asking(
      resources,
      noticesOfEnds,
      defineActivity(
        resources,
        async (input: SqlFlowAttachInput, session): Promise<SubmittedSqlFlowJob> => {
          refuseMistakes(validateSqlFlowAttach(input));
          const { name, client } = await connections.sqlflow(input.connection);
          const answer = await answers(name, session);
          const job = await client.displayUserJobSummary({ jobId: input.jobId }, session.signal);
          return { ...answer(job, 'attached'), ...wantsEnds(resources) };
        },
      ),
    ),

    /**
     * Exports an ended job's lineage in every asked format, each checked before it is stored.
     *
     * Delivery: at least once; an export is stored whole under its own key, so a repeat replaces it.
     * With `thenDelete` the job is deleted after the last export is stored; a repeat of that alone
     * exports nothing again, since the job may be gone by then.
     */
    sqlflowCollectLineage: defineActivity(
      resources,
      async (input: SqlFlowCollectLineageInput, session): Promise<CollectedLineage> => {
        const { name, client } = await connections.sqlflow(input.connection);
        const collected = await collectLineage(client, resources, input, session);
        countOutputs('sqlflow', name, { results: Object.values(collected.lineage) });
        return collected;
      },
    ),

    /**
     * Ends what a cancelled or overdue workflow leaves: deletes the job, or by policy nothing.
     *
     * Delivery: at least once. A repeat finds the job gone and reports `removed`; a job that had
     * ended by itself is left in the account and reported `alreadyFinished`.
     */
    sqlflowKillJob: defineActivity(
      resources,
      async (input: SqlFlowKillJobInput, session): Promise<KillReport> => {
        const { name, client } = await connections.sqlflow(input.connection);
        const report = await withinKillBudget(session, redact, (bounded) =>
          'jobId' in input
            ? killSqlFlowJob(client, input, bounded)
            : killSqlFlowJobsByKey(client, installation, input, bounded),
        );
        countKill('sqlflow', name, report);
        return report;
      },
      killRetry,
    ),

    ...sqlflowSingleCalls(resources),
  };

  const watch = {
    /**
     * Looks for jobs that the same submission made besides the one it holds, and deletes them, ended
     * ones too: they are copies that nobody asked for.
     *
     * Delivery: at least once. What an earlier attempt removed stays in the answer.
     */
    sqlflowRemoveTwins: defineActivity(
      resources,
      async (input: SqlFlowRemoveTwinsInput, session): Promise<RemovedTwins> => {
        const { name, client } = await connections.sqlflow(input.connection);
        return await removeTwins(session, {
          keep: input.jobId,
          untilMs: input.untilMs,
          known: input.known,
          async find(signal) {
            const jobs = await findAllByKey(client, installation, input.key, signal);
            const deleted = deletesSent(session).filter(
              (jobId) => !jobs.some((job) => job.jobId === jobId),
            );
            return [
              ...jobs.map((job) => ({
                remoteId: job.jobId,
                end: (patient: KillSession) => deleteJob(client, job, patient),
              })),
              ...deleted.map((jobId) => ({
                remoteId: jobId,
                end: (patient: KillSession) =>
                  killSqlFlowJob(client, { jobId, policy: 'delete' }, patient),
              })),
            ];
          },
          ended: (twin) => countTwin('sqlflow', name, twin),
        });
      },
      killRetry,
    ),

    /**
     * Waits for the end of a job; heartbeats carry a `JobProgress`. Runs on `<queue>-watch`.
     *
     * Delivery: reads only. A resumed attempt goes on from the last heartbeat.
     */
    sqlflowAwaitJob: defineActivity(
      resources,
      async (input: SqlFlowAwaitJobInput, session): Promise<EndedSqlFlowJob> => {
        const connection = await connections.sqlflow(input.connection);
        const kind = input.jobName && durationKind(input.jobName, installation);
        return await waiting.during(connection.name, () =>
          awaitSqlFlowJob(watchOf(connection), secrets, { ...input, kind }, session),
        );
      },
    ),
  };

  return { main, watch };
}
