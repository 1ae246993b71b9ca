import { splitLines } from '../artifacts/lines';
import type { ArtifactStore } from '../artifacts/store';
import type { ArtifactRef } from '../contracts/artifact';
import type { LogFollower } from '../starter/follow';
import type { Output } from './output';
import type { JobResult } from './result-folder';
import { printable } from './text-width';

/** The lines of a text artifact, without their ends; a progress bar's `\r` ends one, too. */
export async function* linesOf(
  store: ArtifactStore,
  ref: Pick<ArtifactRef, 'uri'>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  for await (const line of splitLines(await store.open(ref.uri, signal))) {
    if (line.includes('\r')) yield* line.replace(/\r$/, '').split('\r');
    else yield line;
  }
}

/**
 * How many lines of a job's final log were shown while it ran; undefined where that can't be told.
 *
 * Live lines may come twice and may be lost, so the last line shown is looked for where it should
 * be, and else as near to it as it stands.
 */
async function linesShown(
  { lines, last }: Pick<LogFollower, 'lines' | 'last'>,
  log: AsyncIterable<string>,
): Promise<number | undefined> {
  if (lines === 0) return 0;
  let nearest: number | undefined;
  let number = 0;
  for await (const line of log) {
    number += 1;
    if (line !== last) continue;
    if (nearest === undefined || Math.abs(number - lines) <= Math.abs(nearest - lines)) {
      nearest = number;
    }
    if (number >= lines) break;
  }
  return nearest;
}

/**
 * The lines of a job's final log that were not shown while it ran; none, and `differs`, where it
 * isn't the log that was followed.
 */
export async function* restOfLog(
  followed: Pick<LogFollower, 'lines' | 'last'>,
  openLog: () => AsyncIterable<string>,
): AsyncGenerator<string, 'same' | 'differs'> {
  const shown = await linesShown(followed, openLog());
  if (shown === undefined) return 'differs';
  let number = 0;
  for await (const line of openLog()) {
    number += 1;
    if (number > shown) yield line;
  }
  return 'same';
}

/** Shows on stderr what of a finished job's log wasn't shown yet. */
export async function tellRestOfLog(
  output: Output,
  result: JobResult,
  followed: LogFollower | undefined,
  store: ArtifactStore,
  signal: AbortSignal,
): Promise<void> {
  if (result.vendor !== 'linkis' || result.log === undefined || output.quiet) return;
  const { log } = result;
  const rest = restOfLog(followed ?? { lines: 0, last: undefined }, () =>
    linesOf(store, log, signal),
  );
  for await (const line of rest) output.say(output.talkColors.dim(printable(line)));
}
