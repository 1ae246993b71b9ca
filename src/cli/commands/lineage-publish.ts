import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Option } from 'commander';
import type { OpenLineageTarget } from '../../clients/openlineage/target';
import { openSettings } from '../../config/options';
import { chainName } from '../../contracts/chain';
import { lineageEvents } from '../../lineage/openlineage/events';
import {
  eventLines,
  eventSettings,
  publishLineage,
  type LineageToPublish,
} from '../../lineage/openlineage/publish';
import { revisionResult } from '../../lineage/revisions';
import { command } from '../command';
import { usageError } from '../errors';
import { exitCodes } from '../exit-codes';
import {
  lineageSourceOptions,
  loadLineage,
  type LineageSourceOptions,
  type LoadedLineage,
} from '../lineage-source';
import { count } from '../preview';
import type { Session } from '../session';

interface PublishOptions extends LineageSourceOptions {
  readonly target?: string;
  readonly out?: string;
  readonly job?: string;
  readonly jobNamespace?: string;
  readonly datasetNamespace?: string;
}

export const lineagePublish = command<PublishOptions, [string?]>({
  name: 'lineage publish',
  summary: 'send lineage to a data catalog as OpenLineage events',
  description: `Sends a lineage to an OpenLineage target of the configuration, here and now: one event for each
dataset that something flows into, with the lineage of its columns. Of a chain's revision what the
target took is remembered: the same command sends only what is missing.`,
  arguments: [
    { usage: '[FILE|CHAIN]', description: 'a JSON export, or NAME[@REVISION] of a chain' },
  ],
  options: [
    new Option('--target <NAME>', 'a target under "openlineage" in the configuration'),
    new Option('--out <FILE>', 'write the events into a file, one a line, and send none'),
    new Option('--job <NAME>', "before each job's name (default: the chain's, or the file's)"),
    new Option('--job-namespace <NAME>', 'of the jobs (default: remote-jobs/CONNECTION)'),
    new Option(
      '--dataset-namespace <NAME>',
      'of the datasets, as the catalog has it, such as hive://metastore:9083',
    ),
    ...lineageSourceOptions(),
  ],
  output: ['lineageEvents', 'published'],
  examples: [
    'remote-jobs lineage publish nightly --target marquez',
    'remote-jobs lineage publish nightly@1 --target archive',
    'remote-jobs lineage publish lineage.json --dataset-namespace hive://metastore:9083 --out events.jsonl',
  ],
  run: async (session, options, named) => {
    const { output, context } = session;
    const { target: to, out } = options;
    if (to === undefined && out === undefined) {
      throw usageError('Name a target with --target, or a file for the events with --out.');
    }
    if (out?.trim() === '') throw usageError('--out is blank; name a file.');
    const { jobs, artifacts: store } = await session.settings();
    const { openlineage } = openSettings(jobs, context.env);
    try {
      // Before the lineage is read, which may take its time.
      const target: OpenLineageTarget =
        to === undefined
          ? { name: 'file', to: { folder: '' }, names: 'lower' }
          : await openlineage.get(to);
      const loaded = await loadLineage(session, named, options);
      const { lineage, label } = loaded;
      const input = await toPublish(session, loaded, named, options);
      if (out !== undefined) {
        const settings = eventSettings(lineage, input, target);
        const file = path.resolve(context.cwd, out);
        const events = await writeLines(eventLines(lineageEvents(lineage, settings)), file);
        output.json({ source: label, out: file, events });
        output.print(`${count(events, 'event')} of ${label} in ${output.shortPath(file)}`);
        return exitCodes.done;
      }
      const { signal } = new AbortController();
      const progress = (event: number, events: number) =>
        output.status(`${event} of ${count(events, 'event')} …`);
      const resources = { store, target, signal, progress };
      const published = await publishLineage(lineage, input, resources);
      output.status();
      output.json({ source: label, ...published });
      output.print(publishedWords(label, published));
      if (published.withoutColumns > 0) {
        output.warn(
          `${count(published.withoutColumns, 'dataset')} with more than 20,000 edges told without columns`,
        );
      }
      return exitCodes.done;
    } finally {
      output.status();
      await openlineage.close();
    }
  },
});

function publishedWords(
  label: string,
  { target, events, sent }: { target: string; events: number; sent: number },
): string {
  if (events === 0) return `Nothing flows into any dataset of ${label}: there is nothing to send.`;
  if (sent === 0) return `Nothing new: ${target} has all of ${label}, ${count(events, 'event')}.`;
  const missing = sent === events ? '' : `, which had the other ${events - sent}`;
  return `${count(sent, 'event')} of ${label} sent to ${target}${missing}.`;
}

/** As the refresh itself published it, or would have. */
async function toPublish(
  session: Session,
  { label, chain: revision }: LoadedLineage,
  named: string | undefined,
  { job, connection, jobNamespace, datasetNamespace }: PublishOptions,
): Promise<LineageToPublish> {
  const namespaces = { jobNamespace, datasetNamespace };
  if (revision === undefined) {
    const file = path.resolve(session.context.cwd, named ?? '');
    const chain = job ?? fitted(path.basename(file, path.extname(file)));
    if (!chainName.test(chain)) {
      throw usageError(
        `--job ${chain} is no name for a job: take up to 63 letters, digits, ".", "_" and "-", a letter or a digit first.`,
      );
    }
    const { mtimeMs } = await stat(file);
    const run = {
      chain,
      connection: (await session.connectionName('sqlflow', connection)) ?? 'sqlflow',
      atMs: Math.floor(mtimeMs),
    };
    return { sha256: await hashOf(file), run, ...namespaces };
  }
  if (job !== undefined) throw usageError("--job is for a file: a chain's jobs bear its name.");
  const result = await revisionResult(revision.place, revision.revision);
  const artifact = result?.artifacts.json;
  if (result === undefined || artifact === undefined) {
    throw usageError(
      `${label} did not become a revision of its chain: a gate stopped it, or its refresh failed. Name another one.`,
    );
  }
  const run = {
    chain: revision.place.chain,
    connection: revision.place.connection,
    revision: revision.revision,
    atMs: result.endedAtMs,
    scheduledAtMs: result.scheduledAtMs,
  };
  return { sha256: artifact.sha256, run, ...namespaces };
}

function fitted(name: string): string {
  return (
    name
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 63) || 'file'
  );
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function writeLines(lines: Iterable<string>, file: string): Promise<number> {
  let written = 0;
  const counted = (function* () {
    for (const line of lines) {
      written += 1;
      yield line;
    }
  })();
  try {
    await pipeline(Readable.from(counted), createWriteStream(file));
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw usageError(`--out: ${file} can't be written (${code}).`);
  }
  return written;
}
