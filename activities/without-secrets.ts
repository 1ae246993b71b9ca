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

/** The same for a log, in history or in the artifact store. */
export async function linesWithoutSecrets(
  lines: readonly string[],
  secrets: SecretResolver,
): Promise<readonly string[]> {
  await recall(secrets);
  const clean: string[] = [];
  for (let start = 0; start < lines.length; start += linesAtOnce) {
    // Joined, since a secret may have several lines itself.
    const piece = lines.slice(start, start + linesAtOnce).join('\n');
    clean.push(...secrets.redact(piece).split('\n'));
    await setImmediate();
  }
  return clean;
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
