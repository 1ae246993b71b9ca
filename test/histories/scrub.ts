import { homedir, hostname, tmpdir } from 'node:os';
import { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;

/** Who started and ran the recorded workflows. */
export const recorder = 'recorder';

/** The accounts of the local services. */
export const secrets = { sqlflow: 'demo-secret', linkis: 'local-token' } as const;

/**
 * The bytes of a history without what tells of the machine: who ran it, where its files lay, and
 * the stacks of its failures. Replay looks at none of it.
 *
 * @throws Error where a path of this machine, its name or a secret stands in it all the same
 */
export function scrubbed(name: string, history: History): Uint8Array {
  const { History } = temporal.api.history.v1;
  const copy = History.decode(History.encode(history).finish());
  scrub(copy);
  const bytes = History.encode(copy).finish();
  const text = Buffer.from(bytes).toString('latin1');
  const forbidden = [process.cwd(), homedir(), hostname(), tmpdir(), ...Object.values(secrets)];
  // "/" and "/root" would be found in anything; a path has something behind it.
  const found = forbidden.filter((words) => text.includes(words.startsWith('/') ? `${words}/` : words));
  if (found.length > 0) throw new Error(`the history of ${name} holds ${found.join(', ')}`);
  return bytes;
}

function scrub(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  const fields = value as Record<string, unknown>;
  for (const [key, inner] of Object.entries(fields)) {
    if (key === 'identity' && inner !== '') fields[key] = recorder;
    else if (key === 'stackTrace') fields[key] = '';
    else if (inner instanceof Uint8Array) fields[key] = withoutFolder(inner);
    else scrub(inner);
  }
}

/** A scheduled run's input says where its files lie. */
function withoutFolder(payload: Uint8Array): Uint8Array {
  const text = Buffer.from(payload).toString('latin1');
  const from = text.indexOf(`${tmpdir()}/histories-`);
  if (from < 0) return payload;
  const [folder = ''] = /^.*?histories-\w+/.exec(text.slice(from)) ?? [];
  return Buffer.from(text.replaceAll(folder, '/histories'), 'latin1');
}
