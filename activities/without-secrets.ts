import { setImmediate } from 'node:timers/promises';
import type { LinkisTask } from '../src/clients/linkis/public';
import type { SecretResolver } from '../src/config/secrets';

/**
 * A service's words on their way into history: without any secret of the configuration, whichever
 * worker it was that sent it. A task's log prints its code with the variables filled in.
 */
export async function withoutSecrets(text: string, secrets: SecretResolver): Promise<string> {
  await recall(secrets);
  return secrets.redact(text);
}

/** Lines at a time, so that a long log doesn't hold up the worker's other jobs. */
const linesAtOnce = 1000;

/** The same for some lines of a log, in history or in the artifact store. */
export async function linesWithoutSecrets(
  lines: readonly string[],
  secrets: SecretResolver,
): Promise<readonly string[]> {
  const clean: string[] = [];
  for await (const some of logWithoutSecrets(inPieces(lines), secrets)) {
    for (const line of some) clean.push(line);
  }
  return clean;
}

async function* inPieces(lines: readonly string[]): AsyncGenerator<readonly string[]> {
  for (let start = 0; start < lines.length; start += linesAtOnce) {
    yield lines.slice(start, start + linesAtOnce);
    await setImmediate();
  }
}

/** Blank lines may stand between a field's name and its value. */
const leastSpanLines = 4;
/** Places in a piece that are tried, and lines that are held back where none of them will do. */
const mostPlaces = 200;
const mostHeldLines = 20_000;

/**
 * The same for a log of any length, some lines at a time. A secret may have several lines itself: the
 * end of each piece waits for the next one, and no cut goes through anything that is redacted.
 */
export async function* logWithoutSecrets(
  pieces: AsyncIterable<readonly string[]>,
  secrets: SecretResolver,
): AsyncGenerator<readonly string[]> {
  await recall(secrets);
  const clean = (lines: readonly string[]) => secrets.redact(lines.join('\n'));
  let held: readonly string[] = [];
  for await (const piece of pieces) {
    const lines = held.length === 0 ? piece : [...held, ...piece];
    const cut = placeToCut(lines, Math.max(leastSpanLines, secrets.mostLines), clean);
    held = lines.slice(cut);
    if (cut > 0) yield clean(lines.slice(0, cut)).split('\n');
  }
  if (held.length > 0) yield clean(held).split('\n');
}

/** The last line before which nothing is redacted together with what stands behind; 0 for none. */
function placeToCut(
  lines: readonly string[],
  spanLines: number,
  clean: (lines: readonly string[]) => string,
): number {
  const last = lines.length - spanLines;
  for (let cut = last; cut > Math.max(0, last - mostPlaces); cut -= 1) {
    const before = lines.slice(Math.max(0, cut - spanLines), cut);
    const after = lines.slice(cut, cut + spanLines);
    if (clean([...before, ...after]) === `${clean(before)}\n${clean(after)}`) return cut;
  }
  // Nothing but secrets, line by line: together they are redacted all the same.
  return lines.length > mostHeldLines ? lines.length : 0;
}

/** The same for a row of jobhistory: it holds the values that its variables were given. */
export async function taskWithoutSecrets(
  task: LinkisTask,
  secrets: SecretResolver,
): Promise<LinkisTask> {
  await recall(secrets);
  const { errorMessage, params } = task;
  return { ...task, ...redacted({ errorMessage, params }, (text) => secrets.redact(text)) };
}

/** Only a value that was read once can be recognised; one that can't be read was never sent. */
async function recall(secrets: SecretResolver): Promise<void> {
  await Promise.allSettled(secrets.names.map((secret) => secrets.resolve({ secret })));
}

/** Every text in a value, however deep. */
function redacted<Value>(value: Value, redact: (text: string) => string): Value {
  if (typeof value === 'string') return redact(value) as Value;
  if (Array.isArray(value)) return value.map((item) => redacted<unknown>(item, redact)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    redacted<unknown>(inner, redact),
  ]);
  return Object.fromEntries(entries) as Value;
}
