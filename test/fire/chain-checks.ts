import { text } from 'node:stream/consumers';
import {
  chainFolder,
  latestPointer,
  type ChainState,
  type LatestRevision,
  type RefreshOutcome,
  type RefreshResult,
} from '../../src/contracts/chain';
import { chainState, forgetChain } from '../../src/starter/chains';
import { lateSource, refreshAgain } from './chain-scenarios';
import type { Outcome } from './checks';
import type { RemoteJob } from './evidence';
import type { StartedJob } from './scenarios';
import type { Stage } from './stage';

const connection = 'sqlflow';
/** A worker that was killed has to start again before it answers. */
const withinMs = 60_000;

/** What is wrong with a chain after its refresh has ended; then the chain is ended, too. */
export async function chainProblems(
  stage: Stage,
  job: StartedJob,
  outcome: Outcome,
  remote: readonly RemoteJob[],
  taskQueue: string,
): Promise<string[]> {
  const { marker, scenario } = job;
  const problems: string[] = [];
  if (outcome.kind === 'succeeded') {
    problems.push(...(await refreshProblems(stage, job, outcome.result as RefreshOutcome)));
  }
  const state = await chainState(stage.client, connection, marker, { withinMs });
  problems.push(...stateProblems(job, outcome, state, remote));
  if (scenario.cancels) {
    await refreshAgain(stage, marker, taskQueue).catch((error: unknown) =>
      problems.push(`the chain can't be used any more: ${(error as Error).message}`),
    );
  }
  await forgetChain(stage.client, connection, marker, { withinMs });
  return problems;
}

function stateProblems(
  { scenario }: StartedJob,
  outcome: Outcome,
  { current, latest, refreshes, running, queue, unsettled, replacedJobs }: ChainState,
  remote: readonly RemoteJob[],
): string[] {
  const expected = scenario.chain ?? { refreshes: 0, generation: 0 };
  const problems: string[] = [];
  const say = (is: unknown, wanted: unknown, what: string) => {
    const words = [is, wanted].map((value) => JSON.stringify(value) ?? 'nothing');
    if (words[0] !== words[1]) problems.push(`the chain's ${what} is ${words[0]}, not ${words[1]}`);
  };
  say(running, undefined, 'refresh under way');
  say(queue.length, 0, 'queue');
  say(current?.generation, expected.generation, 'generation');
  say(
    remote.map(({ id }) => id),
    [current?.jobId],
    "one job in the service's list",
  );
  // A request that was cancelled before it reached the chain is none that the chain did.
  if (!scenario.cancels) say(refreshes.length, expected.refreshes, 'count of refreshes');
  const doubled = refreshes.length - new Set(refreshes.map(({ requestId }) => requestId)).size;
  say(doubled, 0, 'count of refreshes that it lists twice');
  if (outcome.kind !== 'succeeded') return problems;
  say(refreshes[0]?.end, 'refreshed', "last refresh's end");
  say(latest?.revision, (outcome.result as RefreshOutcome).revision, 'latest revision');
  say(unsettled, [], 'unsettled snapshots');
  say(replacedJobs, [], 'jobs still to be deleted');
  return problems;
}

/** That the refresh is credited with what it sent, and with nothing older. */
async function refreshProblems(
  stage: Stage,
  { marker }: StartedJob,
  outcome: RefreshOutcome,
): Promise<string[]> {
  const result = await refreshResult(stage, outcome);
  const problems: string[] = [];
  if (outcome.end !== 'refreshed') problems.push(`the refresh came to ${outcome.end}`);
  if (outcome.jobId !== result.jobId) problems.push(`two jobs: ${outcome.jobId}, ${result.jobId}`);
  const pointer = `artifact:${chainFolder(connection, marker)}/${latestPointer}`;
  const latest = (await json(stage, pointer)) as LatestRevision;
  if (latest.revision !== outcome.revision) {
    problems.push(`latest.json is at ${latest.revision}, the refresh made ${outcome.revision}`);
  }
  const lineage = await read(stage, result.artifacts.json?.uri ?? '');
  if (!lineage.includes(lateSource)) {
    problems.push(`the lineage lacks ${lateSource}: it is that of an earlier refresh`);
  }
  return problems;
}

export async function refreshResult(stage: Stage, outcome: RefreshOutcome): Promise<RefreshResult> {
  return (await json(stage, outcome.result?.uri ?? '')) as RefreshResult;
}

async function json(stage: Stage, uri: string): Promise<unknown> {
  return JSON.parse(await read(stage, uri));
}

async function read(stage: Stage, uri: string): Promise<string> {
  return text(await stage.store.open(uri, new AbortController().signal));
}
