import type { LogEntry, LogLevel } from '@temporalio/worker';
import type { LogFormat, LogLevelName } from '../config/log-settings';
import { printable } from './text-width';

/** What the SDK calls them → what a line calls them; what it tells and nobody may read → nothing. */
const names: Readonly<Record<string, string | undefined>> = {
  workflowRunId: 'runId',
  activityType: 'activity',
  sdkComponent: 'component',
  taskToken: undefined,
};
/** What only matters to the SDK. */
const dull = new Set(['isLocal', 'namespace', 'level', 'time', 'message', 'error']);
/** In text, beside what is said anyway. */
const inText = ['activity', 'connection', 'remoteId', 'decision', 'outcome'];
const mostCharacters = 2_000;
const mostFields = 30;

/** The SDK's word for a level. */
export function sdkLevel(level: LogLevelName): LogLevel {
  return level.toUpperCase() as LogLevel;
}

/** One event as one line; undefined for what nobody needs to know. */
export function logLine(
  { level, message, meta, timestampNanos }: LogEntry,
  format: LogFormat,
  redact: (text: string) => string,
): string | undefined {
  // The companion has none, by design.
  if (message.startsWith('No workflows registered')) return undefined;
  const fields = fieldsOf(meta ?? {});
  const error = (meta as { error?: unknown } | undefined)?.error;
  if (format === 'text') {
    const { workflowId } = fields;
    const more = inText.filter((name) => fields[name] !== undefined);
    const words = [message, workflowId, ...more.map((name) => `${name} ${fields[name]}`)];
    if (error !== undefined) words.push(errorWords(error));
    const [line = ''] = words.filter(Boolean).join(' · ').split('\n');
    return printable(redact(`${level} ${line}`).slice(0, mostCharacters));
  }
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const event: Record<string, unknown> = { time, level: level.toLowerCase(), message, ...fields };
  if (error !== undefined) event['error'] = errorFields(error);
  return JSON.stringify(event, (_key, value: unknown) =>
    typeof value === 'string' ? redact(value).slice(0, mostCharacters) : value,
  );
}

/** What the command itself tells, as an event of the JSON log. */
export function eventLine(message: string, level: 'info' | 'error' = 'info'): string {
  return JSON.stringify({ time: new Date().toISOString(), level, message });
}

/** Only plain values: an object may hold anything, and be of any size. */
function fieldsOf(meta: object): Record<string, string | number | boolean> {
  const found: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(meta).slice(0, mostFields)) {
    if (dull.has(key) || (key in names && names[key] === undefined)) continue;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      found[names[key] ?? key] = value;
    }
  }
  return found;
}

function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: errorWords(error) };
  const { name, message, cause } = error;
  const { type, code } = error as { type?: unknown; code?: unknown };
  return {
    name,
    ...(typeof type === 'string' && { type }),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    message,
    ...(cause instanceof Error && { cause: cause.message }),
  };
}

function errorWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
