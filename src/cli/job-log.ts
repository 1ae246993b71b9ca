import { createInterface } from 'node:readline';
import type { ArtifactStore } from '../artifacts/store';
import type { ArtifactRef } from '../contracts/artifact';
import type { LogFollower } from '../starter/follow';
import type { Output } from './output';
import type { JobResult } from './result-folder';
import { printable } from './text-width';

/** The lines of a text artifact, without their ends. */
export async function* linesOf(
  store: ArtifactStore,
  ref: Pick<ArtifactRef, 'uri'>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const body = await store.open(ref.uri, signal);
  yield* createInterface({ input: body, crlfDelay: Infinity });
}

/**
 * The lines of a job's final log that were not shown while it ran; `differs` where the log that
 * the service keeps is not the one that was followed.
 */
export async function* restOfLog(
  followed: Pick<LogFollower, 'lines' | 'last'>,
  lines: AsyncIterable<string>,
): AsyncGenerator<string, 'same' | 'differs'> {
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (number === followed.lines && line !== followed.last) return 'differs';
    if (number > followed.lines) yield line;
  }
  return number >= followed.lines ? 'same' : 'differs';
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
  const rest = restOfLog(
    followed ?? { lines: 0, last: undefined },
    linesOf(store, result.log, signal),
  );
  for (;;) {
    const next = await rest.next();
    if (next.done === true) {
      if (next.value === 'differs') {
        output.say("(The service's own log differs from these lines; it is the one that is kept.)");
      }
      return;
    }
    output.say(output.talkColors.dim(printable(next.value)));
  }
}
