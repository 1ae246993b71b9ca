import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { inspectBinary, type TemporalBinary } from './binary';
import { buildTemporal } from './build';
import { cachedBinary, withCacheLock } from './cache';
import { downloadTemporal } from './download';
import type { Log } from './log';

export interface FindTemporalOptions {
  /** Where TEMPORAL_CLI_PATH, PATH and the cache folder are looked up. */
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Log;
}

/** No Temporal binary could be found, downloaded or built; the message says how to mend it. */
export class TemporalUnavailableError extends Error {
  override readonly name = 'TemporalUnavailableError';
}

/** A way to get a binary that isn't there yet. */
export interface BinarySource {
  readonly name: string;
  /** Puts the binary at `target` in one step, so that nobody ever sees half of it. */
  readonly fetch: (target: string, environment: NodeJS.ProcessEnv, log: Log) => Promise<void>;
}

const binarySources: readonly BinarySource[] = [
  { name: "the SDK's download", fetch: downloadTemporal },
  { name: '`go install`', fetch: buildTemporal },
];

/**
 * Finds the Temporal CLI, which holds the server: `TEMPORAL_CLI_PATH`, `temporal` on the PATH, the
 * user's cache folder; failing these it is fetched from the first of the `sources` that can, and
 * kept in the cache folder. A binary that is too old or doesn't run is skipped with a word.
 *
 * @throws TemporalUnavailableError
 */
export async function findTemporal(
  { environment, log }: FindTemporalOptions,
  sources = binarySources,
): Promise<TemporalBinary> {
  const target = cachedBinary(environment);
  const missed: string[] = [];
  const named = environment.TEMPORAL_CLI_PATH;
  const look = async (file: string, place: string) => {
    const binary = await inspectBinary(file, environment);
    if (!('problem' in binary)) return binary;
    missed.push(`${place}: ${binary.problem}`);
    if (!binary.missing || file === named) log(`Skipping ${place}: ${binary.problem}.`);
    return undefined;
  };

  if (!named) missed.push('TEMPORAL_CLI_PATH: not set');
  const onPath = await filesOnPath(environment);
  if (onPath.length === 0) missed.push('the PATH: no `temporal` on it');
  const places = [
    ...(named ? [{ file: named, place: `TEMPORAL_CLI_PATH (${named})` }] : []),
    ...onPath.map((file) => ({ file, place: `${file} on the PATH` })),
    { file: target, place: `the cache (${target})` },
  ];
  for (const { file, place } of places) {
    const binary = await look(file, place);
    if (binary) return binary;
  }
  return withCacheLock(environment, log, async () => {
    const made = await inspectBinary(target, environment); // while this process waited for the lock
    if (!('problem' in made)) return made;
    for (const { name, fetch } of sources) {
      try {
        await fetch(target, environment, log);
      } catch (error) {
        missed.push(`${name}: ${(error as Error).message}`);
        log(`No luck with ${name}: ${(error as Error).message}.`);
        continue;
      }
      const fetched = await look(target, name);
      if (fetched) return fetched;
    }
    throw new TemporalUnavailableError(howToMend(missed, target));
  });
}

function howToMend(missed: readonly string[], cached: string): string {
  return [
    'No Temporal server could be found, downloaded or built. Looked at:',
    ...missed.map((line) => `  - ${line}`),
    'Any one of these mends it:',
    '  - install the Temporal CLI (https://docs.temporal.io/cli), so that `temporal` is on the PATH',
    '  - set TEMPORAL_CLI_PATH to the binary of a Temporal CLI',
    `  - put that binary at ${cached}`,
    '  - allow a download from temporal.download, and run this again',
    '  - install Go (https://go.dev/dl), so that it can be built from the Go module proxy',
    '  - use a server that runs already: --address HOST:PORT',
  ].join('\n');
}

async function filesOnPath(environment: NodeJS.ProcessEnv): Promise<string[]> {
  const name = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
  const found: string[] = [];
  for (const folder of (environment.PATH ?? '').split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    const file = path.join(folder, name);
    const executable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable && !found.includes(file)) found.push(file);
  }
  return found;
}
