import { Readable } from 'node:stream';
import { FolderArtifactStore } from '../../artifacts/folder-store';
import type { ArtifactStore } from '../../artifacts/store';
import { OpenLineageClient } from '../../clients/openlineage/client';
import type { OpenLineageTarget } from '../../clients/openlineage/target';
import type { ArtifactRef } from '../../contracts/artifact';
import type { LineageRun, PublishedLineage } from '../../contracts/lineage-publish';
import type { Lineage } from '../model';
import { readLineage } from '../read-lineage';
import { emptyEvent, eventOutputs, lineageEvents, type EventSettings } from './events';
import type { RunEvent } from './event-types';
import { defaultDatasetNamespace } from './naming';
import { PublishRecord } from './publish-record';
import { sendEvents } from './send-events';

export interface LineageToPublish {
  /** The revision's `lineage.json`. */
  readonly lineage: ArtifactRef;
  readonly run: LineageRun;
  readonly jobNamespace?: string;
  readonly datasetNamespace?: string;
}

export interface PublishResources {
  readonly store: ArtifactStore;
  readonly target: OpenLineageTarget;
  /** Two deployments may have chains of one name: their runs are not the same. */
  readonly installation: string;
  readonly signal: AbortSignal;
}

/**
 * Publishes a revision's lineage to a target, once: what the target took is recorded beside the
 * revision after every event, and a repeat sends the rest under the same run ids. Of a crash between
 * an event's acceptance and its record, that one event is sent again.
 *
 * Datasets whose sources are all gone since the revision that was published last are told too.
 *
 * @throws LineageError, ArtifactError; HttpError or TransportError where events were not taken
 */
export async function publishLineage(
  input: LineageToPublish,
  resources: PublishResources,
): Promise<PublishedLineage> {
  const { store, target, signal } = resources;
  const lineage = await readLineage(await store.open(input.lineage.uri, signal), { signal });
  const settings = eventSettings(lineage, input, resources);
  const outputs = eventOutputs(lineage, settings.names);
  const record = await PublishRecord.open(store, {
    run: input.run,
    target: target.name,
    seed: settings.runSeed,
    outputs,
    signal,
  });
  const events = outputs.length + record.gone.length;
  let withoutColumns = 0;
  const all = (function* (): Generator<RunEvent> {
    for (const event of lineageEvents(lineage, settings)) {
      if (event.outputs[0]?.facets.columnLineage === undefined) withoutColumns += 1;
      yield event;
    }
    for (const output of record.gone) yield emptyEvent(output, settings);
  })();
  if (target.to instanceof OpenLineageClient) {
    const sent = await sendEvents(target.to, all, events, record, signal);
    return { target: target.name, events, sent, withoutColumns };
  }
  const sent = await writeEvents(target.to.folder, all, input.run, signal);
  await record.finish();
  return { target: target.name, events, sent: sent ? events : 0, withoutColumns };
}

/** What the events of a refresh have in common; the same for every repeat. */
export function eventSettings(
  lineage: Lineage,
  { run, lineage: { sha256 }, ...options }: LineageToPublish,
  { target, installation }: Pick<PublishResources, 'target' | 'installation'>,
): EventSettings {
  const { connection, chain, revision, atMs, scheduledAtMs } = run;
  const jobNamespace = options.jobNamespace ?? `remote-jobs/${connection}`;
  const datasetNamespace =
    options.datasetNamespace ?? defaultDatasetNamespace(lineage.dialect, connection);
  const { names, producer } = target;
  const runSeed = JSON.stringify([
    installation,
    connection,
    chain,
    revision,
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
  { connection, chain, revision }: LineageRun,
  signal: AbortSignal,
): Promise<boolean> {
  const files = new FolderArtifactStore({ root: folder });
  const key = `${connection}/${chain}/${revision}.jsonl`;
  const before = await files.find(key, 'jsonl', signal);
  const body = Readable.from(eventLines(events));
  const after = await files.put(key, body, { format: 'jsonl', signal });
  return before?.sha256 !== after.sha256;
}
