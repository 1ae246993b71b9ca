import type { MetricMeter } from '@temporalio/common';
import { creatorWarning, defaultCreator } from '../../src/clients/linkis/submission';
import type { EndedJob, KillReport, RemovedTwins } from '../../src/contracts/job';
import type { LinkisAttachInput } from '../../src/contracts/linkis';
import type {
  LinkisAwaitTaskInput,
  LinkisCollectOutputsInput,
  LinkisKillTaskInput,
  LinkisOutputs,
  LinkisRemoveTwinsInput,
  LinkisSubmitTaskInput,
  SubmittedLinkisTask,
} from '../../src/contracts/linkis-steps';
import type { LinkisConnection } from '../../src/config/connections';
import { validateLinkisAttach, validateLinkisTask } from '../../src/contracts/validate-linkis';
import { Watcher } from '../../src/watch/watcher';
import { defineActivity } from '../define-activity';
import { killRetry, withinKillBudget, type KillSession } from '../kill-budget';
import { meteredSource, WaitingMeter } from '../meter-watch';
import { countKill, countOutputs, countTwin } from '../metrics';
import { LiveBudget } from '../live-budget';
import { noticesOfEnds } from '../../src/contracts/notify';
import { asking } from '../notify/asking';
import { askBeforeSubmit } from '../jobs/before-submit';
import { removeTwins } from '../remove-twins';
import { ownerOf } from '../owner';
import type { ActivityResources } from '../resources';
import {
  defineSubmit,
  hasSearchAttribute,
  refuseMistakes,
  submitOnce,
  wantsEnds,
} from '../submission';
import { AtOnce } from '../at-once';
import { awaitLinkisTask } from './await-task';
import { collectOutputs } from './collect-outputs';
import { killLinkisTasksByKey } from './kill-by-key';
import { killLinkisTask, killsSent } from './kill-task';
import { linkisSingleCalls } from './single-calls';
import { adoption, findAllByKey, sourceKeys, submissionOf } from './submission';
import { durationKind } from './duration-kind';
import { Entrances } from './entrances';
import type { SeenTask } from './seen-task';
import { linkisStatusSource } from './watch-source';

/** A row that doesn't change for so long may be one that a restarted entrance left behind. */
const defaultLostAfterMs = 10 * 60_000;
const mostRowsAtOnce = 8;

/** The activities of Apache Linkis; `watch` ones run on `<queue>-watch`. */
export function createLinkisActivities(resources: ActivityResources) {
  const { connections, secrets, installation } = resources;
  const redact = (text: string) => secrets.redact(text);
  const watches = new Map<string, ReturnType<typeof newWatch>>();
  const waiting = new WaitingMeter('linkis', resources.meter);

  function watchOf(connection: LinkisConnection) {
    const watch = watches.get(connection.name) ?? newWatch(connection, resources.meter);
    watches.set(connection.name, watch);
    return watch;
  }

  const main = {
    /**
     * Validates the task and submits it, by `submit` or `execute` as it asks.
     *
     * Delivery: at least once as requests go, one task as far as it can be known: after an outcome
     * that isn't certain, every further attempt looks in jobhistory for the submission's key and
     * adopts what it finds. A request that takes effect only after that look makes a twin.
     */
    linkisSubmitTask: defineSubmit(
      resources,
      'linkis',
      async (
        { task: given, key, again }: LinkisSubmitTaskInput,
        session,
      ): Promise<SubmittedLinkisTask> => {
        refuseMistakes(validateLinkisTask(given));
        const connection = await connections.linkis(given.connection);
        const { name, client } = connection;
        const { input: task, warnings } = await askBeforeSubmit(
          resources,
          session,
          { type: 'linkisTask', vendor: 'linkis', connection: name, key, input: given },
          validateLinkisTask,
        );
        const user = connection.actAs(task.user);
        const creator = task.creator ?? connection.settings.creator ?? defaultCreator;
        const ideWarning = creatorWarning(creator);
        const { namespace, workflowId } = ownerOf(installation, session);
        const own = {
          [sourceKeys.key]: key,
          [sourceKeys.installation]: installation,
          [sourceKeys.namespace]: namespace,
          [sourceKeys.workflowId]: workflowId,
        };
        const shared = {
          connection: name,
          installation,
          user,
          kind: durationKind(task),
          warnings: ideWarning === undefined ? warnings : [...warnings, ideWarning],
          searchAttribute: await hasSearchAttribute(session),
        };
        return await submitOnce<never, SubmittedLinkisTask>(resources, session, {
          async probe(_note, signal) {
            const call = { signal, user };
            const found = await findAllByKey(client, key, session.scheduledAtMs, call);
            return found.map((row) => ({
              ...shared,
              remoteId: row.taskId,
              execId: row.execId,
              decision: adoption(row),
              submittedAtMs: row.createdAtMs ?? Date.now(),
            }));
          },
          async submit(_note, signal) {
            const submission = await submissionOf(task, own, creator, resources, signal);
            const call = { signal, user };
            const submitted = await (task.endpoint === 'execute'
              ? client.execute(submission, call)
              : client.submit(submission, call));
            return {
              ...shared,
              remoteId: submitted.taskId,
              execId: submitted.execId,
              decision: again === true ? 'resubmitAfterFailure' : 'freshSubmit',
              submittedAtMs: Date.now(),
            };
          },
        });
      },
    ),

    /** Reads a task that somebody else submitted. Delivery: reads only, so repeats do no harm. */
    linkisAttachTask: asking(
      resources,
      noticesOfEnds,
      defineActivity(
        resources,
        async (input: LinkisAttachInput, session): Promise<SubmittedLinkisTask> => {
          refuseMistakes(validateLinkisAttach(input));
          const connection = await connections.linkis(input.connection);
          const user = connection.actAs(input.user);
          const { signal } = session;
          const task = await connection.client.getTask(input.taskId, { signal, user });
          return {
            connection: connection.name,
            installation,
            user,
            remoteId: task.taskId,
            execId: task.execId,
            decision: 'attached',
            submittedAtMs: task.createdAtMs ?? Date.now(),
            warnings: [],
            searchAttribute: await hasSearchAttribute(session),
            ...wantsEnds(resources),
          };
        },
      ),
    ),

    /**
     * The log and the result sets of an ended task, as references into the artifact store.
     *
     * Delivery: at least once; each artifact is stored whole under its own key, so a repeat replaces
     * it by the same.
     */
    linkisCollectOutputs: defineActivity(
      resources,
      async (input: LinkisCollectOutputsInput, session): Promise<LinkisOutputs> => {
        const connection = await connections.linkis(input.connection);
        const asked = { ...input, user: connection.actAs(input.user) };
        const outputs = await collectOutputs(connection.client, resources, asked, session);
        countOutputs('linkis', connection.name, outputs);
        return outputs;
      },
    ),

    /**
     * Kills a task and proves it by jobhistory; by the submission's key where no id is known.
     *
     * Delivery: at least once. A repeat of a kill that was sent reports that kill's outcome; a task
     * that ended by itself is `alreadyFinished`; a foreign task is never killed.
     */
    linkisKillTask: defineActivity(
      resources,
      async (input: LinkisKillTaskInput, session): Promise<KillReport> => {
        const connection = await connections.linkis(input.connection);
        const { name, client } = connection;
        const user = connection.actAs(input.user);
        const report = await withinKillBudget(session, redact, (bounded) =>
          'taskId' in input
            ? killLinkisTask(client, { ...input, user }, bounded)
            : killLinkisTasksByKey(client, { ...input, user }, bounded),
        );
        countKill('linkis', name, report);
        return report;
      },
      killRetry,
    ),

    ...linkisSingleCalls(resources),
  };

  const watch = {
    /**
     * Looks for tasks that the same submission made besides the one it holds, and kills them.
     *
     * Delivery: at least once. What an earlier attempt ended stays in the answer.
     */
    linkisRemoveTwins: defineActivity(
      resources,
      async (input: LinkisRemoveTwinsInput, session): Promise<RemovedTwins> => {
        const connection = await connections.linkis(input.connection);
        const { name, client } = connection;
        const user = connection.actAs(input.user);
        const { key, sinceMs } = input;
        return await removeTwins(session, {
          keep: input.taskId,
          untilMs: input.untilMs,
          known: input.known,
          async find(signal) {
            const tasks = await findAllByKey(client, key, sinceMs, { signal, user });
            // A Forced Kill empties the key.
            const ids = new Set([...killsSent(session), ...tasks.map(({ taskId }) => taskId)]);
            return [...ids].map((taskId) => {
              const execId = tasks.find((task) => task.taskId === taskId)?.execId;
              const end = (patient: KillSession) =>
                killLinkisTask(client, { taskId, execId, user }, patient);
              return { remoteId: taskId, end };
            });
          },
          ended: (twin) => countTwin('linkis', name, twin),
        });
      },
      killRetry,
    ),

    /**
     * Waits for the end of a task; heartbeats carry a `JobProgress`. Runs on `<queue>-watch`.
     *
     * Delivery: reads only. A resumed attempt goes on from the last heartbeat, and its log from the
     * last chunk in the artifact store: no line twice, none left out.
     */
    linkisAwaitTask: defineActivity(
      resources,
      async (input: LinkisAwaitTaskInput, session): Promise<EndedJob> => {
        const connection = await connections.linkis(input.connection);
        const watch = watchOf(connection);
        const watcher = watch.watcherOf(connection.actAs(input.user));
        return await waiting.during(connection.name, () =>
          awaitLinkisTask({ ...watch, watcher }, resources, input, session),
        );
      },
    ),
  };

  return { main, watch };
}

/** What all waits of one connection share. */
function newWatch({ name, client, budget, settings }: LinkisConnection, meter?: MetricMeter) {
  const watchers = new Map<string, Watcher<SeenTask>>();
  return {
    client,
    few: new AtOnce(mostRowsAtOnce),
    entrances: new Entrances(),
    live: new LiveBudget(settings.liveBudget),
    lostAfterMs: settings.lostAfterMs ?? defaultLostAfterMs,
    /** One per user, since a user sees only its own tasks. */
    watcherOf(user: string): Watcher<SeenTask> {
      const tags = { vendor: 'linkis', connection: name } as const;
      const source = () =>
        meteredSource(
          linkisStatusSource(() => Promise.resolve(client), user),
          tags,
          meter,
        );
      const watcher = watchers.get(user) ?? new Watcher(source(), { budget });
      watchers.set(user, watcher);
      return watcher;
    },
  };
}
