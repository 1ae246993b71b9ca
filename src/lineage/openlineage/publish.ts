import { Readable } from 'node:stream';
import { FolderArtifactStore } from '../../artifacts/folder-store';
import type { ArtifactStore } from '../../artifacts/store';
import { OpenLineageClient } from '../../clients/openlineage/client';
import type { OpenLineageTarget } from '../../clients/openlineage/target';
import type { LineageRun, PublishedLineage } from '../../contracts/lineage-publish';
import type { Lineage } from '../model';
import {
  emptyEvent,
  eventOutputs,
  lineageEvents,
  type EventOutput,
  type EventSettings,
} from './events';
import type { RunEvent } from './event-types';
import { defaultDatasetNamespace } from './naming';
import { PublishRecord } from './publish-record';
import { sendEvents } from './send-events';

export interface LineageToPublish {
  /** Of the export that the lineage was read from: run ids are made of it. */
  readonly sha256: string;
  /** Absent for a file that is no chain's revision: nothing is recorded of it. */
  readonly run: LineageRun | FileRun;
  readonly jobNamespace?: string;
  readonly datasetNamespace?: string;
}

/** A lineage file, named like a chain. */
export type FileRun = Omit<LineageRun, 'revision'>;

export interface PublishResources {
  readonly store: ArtifactStore;
  readonly target: OpenLineageTarget;
  readonly signal: AbortSignal;
  /** Told after every event; must not throw. */
  readonly progress?: (event: number, events: number) => void;
}

/**
 * Publishes lineage to a target. Of a chain's revision what the target took is recorded beside it
 * after every event, and a repeat sends the rest under the same run ids: of a crash between an
 * event's acceptance and its record, that one event is sent again.
 *
 * Datasets whose sources are all gone since the revision that was published last are told too.
 *
 * @throws ArtifactError; HttpError or TransportError where events were not taken
 */
export async function publishLineage(
  lineage: Lineage,
  input: LineageToPublish,
  resources: PublishResources,
): Promise<PublishedLineage> {
  const { target, signal } = resources;
  const settings = eventSettings(lineage, input, target);
  const outputs = eventOutputs(lineage, settings.names);
  const record = await recordOf(input.run, outputs, settings.runSeed, resources);
  const events = outputs.length + record.gone.length;
  let withoutColumns = 0;
  let done = 0;
  const all = (function* (): Generator<RunEvent> {
    for (const event of lineageEvents(lineage, settings)) {
      if (event.outputs[0]?.facets.columnLineage === undefined) withoutColumns += 1;
      yield event;
      resources.progress?.((done += 1), events);
    }
    for (const output of record.gone) yield emptyEvent(output, settings);
  })();
  if (target.to instanceof OpenLineageClient) {
    const sent = await sendEvents(target.to, all, events, record, signal);
    return { target: target.name, events, sent, withoutColumns };
  }
  const isNew = await writeEvents(target.to.folder, all, input, signal);
  await record.finish();
  return { target: target.name, events, sent: isNew ? events : 0, withoutColumns };
}

function recordOf(
  run: LineageRun | FileRun,
  outputs: readonly EventOutput[],
  seed: string,
  { store, target, signal }: PublishResources,
): PublishRecord | Promise<PublishRecord> {
  if (!('revision' in run)) return PublishRecord.unkept(seed);
  return PublishRecord.open(store, { run, target: target.name, seed, outputs, signal });
}

/** What the events of a refresh have in common; the same for every repeat. */
export function eventSettings(
  lineage: Lineage,
  { run, sha256, ...options }: LineageToPublish,
  target: OpenLineageTarget,
): EventSettings {
  const { connection, chain, atMs, scheduledAtMs } = run;
  const jobNamespace = options.jobNamespace ?? target.jobNamespace ?? `remote-jobs/${connection}`;
  const datasetNamespace =
    options.datasetNamespace ??
    target.datasetNamespace ??
    defaultDatasetNamespace(lineage.dialect, connection);
  const { names, producer } = target;
  // The export's hash tells deployments with chains of one name apart: it holds their own job.
  const runSeed = JSON.stringify([
    connection,
    chain,
    'revision' in run ? run.revision : 0,
    sha256,
    jobNamespace,
    datasetNamespace,
    names,
  ]);
  return {
    jobName: chain,
    jobNamespace,
    datasetNamespace,
    names,
    producer,
    runSeed,
    atMs,
    scheduledAtMs,
  };
}

/** Events as lines of JSON. */
export function* eventLines(events: Iterable<RunEvent>): Generator<string> {
  for (const event of events) yield `${JSON.stringify(event)}\n`;
}

/** One file a refresh, whole or not at all. False where it was there, the same byte for byte. */
async function writeEvents(
  folder: string,
  events: Iterable<RunEvent>,
  { run, sha256 }: LineageToPublish,
  signal: AbortSignal,
): Promise<boolean> {
  const files = new FolderArtifactStore({ root: folder });
  const name = 'revision' in run ? String(run.revision) : sha256.slice(0, 16);
  const key = `${run.connection}/${run.chain}/${name}.jsonl`;
  const before = await files.find(key, 'jsonl', signal);
  const body = Readable.from(eventLines(events));
  const after = await files.put(key, body, { format: 'jsonl', signal });
  return before?.sha256 !== after.sha256;
}
