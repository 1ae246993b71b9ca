import { isOpen } from '../contracts/workflow-status';
import { listChains } from '../starter/chains';
import type { JobDescription } from '../starter/describe';
import { listJobs } from '../starter/list';
import { listSchedules } from '../starter/schedule-standing';
import { formatDuration, localTime } from './durations';
import { remoteName } from './job-words';
import { installationName } from './schedule-owner';
import type { Session } from './session';

/** Where an argument that can be chosen is left out. */
export type Choosable = 'job' | 'runningJob' | 'endedJob' | 'chain' | 'schedule';

/** One line of a list to choose from. */
export interface Choice {
  /** What the argument becomes. */
  readonly value: string;
  readonly hint: string;
  /** Options that go with it. */
  readonly options?: Readonly<Record<string, unknown>>;
}

const mostChoices = 500;

export async function choicesOf(
  session: Session,
  what: Choosable,
  options: Record<string, unknown>,
): Promise<readonly Choice[]> {
  const client = await session.client();
  if (what === 'chain') {
    return collected(
      listChains(client, { limit: mostChoices }),
      ({ name, connection, revision }) =>
        options.connection !== undefined && options.connection !== connection
          ? undefined
          : {
              value: name,
              hint: `${connection}, ${revision === undefined ? 'no revision yet' : `revision ${revision}`}`,
              options: { connection },
            },
    );
  }
  if (what === 'schedule') {
    const owner = { installation: await installationName(session) };
    return collected(listSchedules(client, owner), ({ name, paused, nextAt }) => ({
      value: name,
      hint: paused ? 'paused' : nextAt === undefined ? 'never' : `next ${localTime(nextAt)}`,
    }));
  }
  const listed = listJobs(client, { runningOnly: what === 'runningJob', limit: mostChoices });
  return collected(listed, (job) =>
    what === 'endedJob' && isOpen(job.status)
      ? undefined
      : { value: job.workflowId, hint: jobHint(job) },
  );
}

function jobHint({ status, job, startedAt, closedAt }: JobDescription): string {
  const tookMs = (closedAt?.getTime() ?? Date.now()) - startedAt.getTime();
  const remote = job?.remoteId === undefined ? [] : [remoteName(job.vendor, job.remoteId)];
  return [status.toLowerCase(), ...remote, localTime(startedAt), formatDuration(tookMs)].join(', ');
}

async function collected<Found>(
  found: AsyncIterable<Found>,
  choiceOf: (one: Found) => Choice | undefined,
): Promise<readonly Choice[]> {
  const choices: Choice[] = [];
  for await (const one of found) {
    const choice = choiceOf(one);
    if (choice !== undefined) choices.push(choice);
    if (choices.length >= mostChoices) break;
  }
  return choices;
}
