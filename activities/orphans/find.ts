import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { ConfigurationError } from '../../src/config/errors';
import { vendors } from '../../src/contracts/names';
import { fitReport, type OrphansInput, type OrphansReport } from '../../src/contracts/orphans';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';
import type { Candidate } from './candidate';
import {
  closedWorkflows,
  hasOpenOwner,
  judge,
  openWorkflows,
  told,
  type OpenWorkflows,
  type Verdict,
} from './judge';
import { Owners } from './owners';
import { listUnderWay, type UnderWay } from './under-way';

/** Between two looks at what Temporal lists, which may be some seconds behind. */
const graceMs = 10_000;

type Suspect = readonly [job: Candidate, verdict: Exclude<Verdict, { kind: 'cared' }>];

/**
 * The remote jobs of this installation and namespace that nobody waits for any more.
 *
 * The services are asked first: a workflow that submitted a listed job had started before, so
 * whatever Temporal says afterwards is about it. Every suspect is looked at twice.
 */
export async function findOrphans(
  resources: ActivityResources,
  { connection }: OrphansInput,
  session: ActivitySession,
): Promise<OrphansReport> {
  const { installation } = resources;
  const { namespace } = Context.current().info;
  refuseUnknown(resources, connection);
  const look = () => listUnderWay(resources, namespace, connection, session.signal);
  const first = await look();
  const suspects = await suspectsOf(new Owners(session), first, session.workflowId);
  const judged = suspects.length === 0 ? [] : await lookAgain(suspects, look, session);
  const listed = (kind: Suspect[1]['kind']) =>
    judged.filter(([, verdict]) => verdict.kind === kind).map((suspect) => told(...suspect));
  return fitReport({
    installation,
    namespace,
    looks: first.looks,
    orphans: listed('orphan'),
    abandoned: listed('abandoned'),
    unjudged: listed('unjudged'),
  });
}

async function suspectsOf(owners: Owners, { jobs }: UnderWay, asker: string): Promise<Suspect[]> {
  if (jobs.length === 0) return [];
  const open = await openWorkflows(owners, jobs, asker);
  const left = jobs.filter((job) => !hasOpenOwner(job, open));
  // A Linkis task names its workflow; a SQLFlow job only a hash of it, so its workflow is searched.
  const searched = left.filter(({ workflowId, doubt }) => workflowId === undefined && !doubt);
  const closed = await closedWorkflows(owners, searched);
  const suspects: Suspect[] = [];
  for (const job of left) {
    const runs = closed.byHash.get(job.owner) ?? [];
    const verdict = await judge(owners, job, runs, open.complete && closed.complete);
    if (verdict.kind !== 'cared') suspects.push([job, verdict]);
  }
  return suspects;
}

/** Who ended in the meantime is no orphan, nor is one whose workflow shows up after all. */
async function lookAgain(
  suspects: readonly Suspect[],
  look: () => Promise<UnderWay>,
  session: ActivitySession,
): Promise<Suspect[]> {
  const searched = suspects.filter((suspect) => onlyByList(suspect));
  if (searched.length > 0) await sleep(graceMs, undefined, { signal: session.signal });
  const jobs = suspects.map(([job]) => job);
  const again = await look();
  const open = await openWorkflows(new Owners(session), jobs, session.workflowId);
  const idOf = ({ vendor, connection, remoteId }: Candidate) =>
    [vendor, connection, remoteId].join(' ');
  const stillThere = new Set(again.jobs.map(idOf));
  const unreachable = new Set(
    again.looks.filter(({ problem }) => problem !== undefined).map((one) => one.connection),
  );
  return suspects.flatMap((suspect): Suspect[] => {
    const [job] = suspect;
    if (hasOpenOwner(job, open)) return [];
    if (stillThere.has(idOf(job))) return [confirmed(suspect, open)];
    if (!unreachable.has(job.connection)) return [];
    const reason = 'its service could not be asked a second time';
    return [[job, { ...suspect[1], kind: 'unjudged', reason }]];
  });
}

function confirmed(suspect: Suspect, open: OpenWorkflows): Suspect {
  const [job, verdict] = suspect;
  if (!onlyByList(suspect) || (open.complete && open.listsAsker)) return suspect;
  const reason = "Temporal's list of open workflows is behind: its workflow may be missing there";
  return [job, { ...verdict, kind: 'unjudged', reason }];
}

/** True where that nobody has the job is known by Temporal's lists alone. */
function onlyByList([job, verdict]: Suspect): boolean {
  return verdict.kind === 'orphan' && verdict.unknown === true && job.workflowId === undefined;
}

function refuseUnknown({ connections }: ActivityResources, connection: string | undefined): void {
  const names = vendors.flatMap((vendor) => connections.names(vendor));
  if (connection === undefined || names.includes(connection)) return;
  const known = names.map((name) => `"${name}"`).join(', ');
  throw new ConfigurationError([
    `There is no connection "${connection}"; the worker's configuration has ${known}.`,
  ]);
}
