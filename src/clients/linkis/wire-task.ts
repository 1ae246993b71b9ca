import { z } from 'zod';
import { holdsSecret } from '../../contracts/secret';
import { isTooDeep } from '../http/shape';
import { countSchema, idSchema, maybeNumber, maybeText, shortText } from './wire';
import { normalProgress } from './wire-progress';

/** One row of jobhistory: what the service's database knows of a task. */
export interface LinkisTask {
  readonly taskId: string;
  /**
   * The id that `submit` answered and that `status`, `log` and `kill` take; absent while the task is
   * queued. A row's own `execId` is a short form that repeats between entrances (and that an
   * entrance of 1.5 would take for a *task* id), so this is its `strongerExecId`. Opaque: compare it,
   * never parse it. The service reuses it.
   */
  readonly execId?: string;
  /** As the row has it; while the task is queued it ends in the text `null` and names nothing. */
  readonly strongerExecId?: string;
  /** The service's own word; `linkisStatus` says what it means. */
  readonly status: string;
  /** 0 to 1. */
  readonly progress?: number;
  /** Who submitted it. */
  readonly umUser?: string;
  /** Who it runs as. */
  readonly executeUser?: string;
  readonly engineType?: string;
  readonly runType?: string;
  readonly creator?: string;
  readonly executeApplicationName?: string;
  readonly requestApplicationName?: string;
  /** Epoch milliseconds. A text without a zone (`2019-01-01 00:00:00`) is read as UTC. */
  readonly createdAtMs?: number;
  readonly updatedAtMs?: number;
  readonly costTimeMs?: number;
  readonly logPath?: string;
  /** The folder of the result sets. */
  readonly resultLocation?: string;
  /** Blank on the service while a task runs. */
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** The parsed `sourceJson`: own keys, and what the server adds (`requestIP`). Empty where it is missing or broken; a forced kill destroys it. */
  readonly source: Readonly<Record<string, string>>;
  /** `engineType` → `spark-2.4.3`, `userCreator` → `hadoop-IDE`, … */
  readonly labels: Readonly<Record<string, string>>;
  /** The parsed `paramsJson`; values of keys that name a credential are `[redacted]`. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly canRetry?: boolean;
  /** `host:port` of the entrance that took the task. */
  readonly instance?: string;
  readonly engineInstance?: string;
}

const rowSchema = z
  .object({
    taskID: idSchema,
    execId: maybeText,
    strongerExecId: maybeText,
    status: shortText(200),
    progress: z.unknown(),
    umUser: maybeText,
    executeUser: maybeText,
    engineType: maybeText,
    runType: maybeText,
    executeApplicationName: maybeText,
    requestApplicationName: maybeText,
    createdTime: z.unknown(),
    updatedTime: z.unknown(),
    costTime: maybeNumber,
    logPath: maybeText,
    resultLocation: maybeText,
    // The public page writes errorCode and paramJson, every server errCode and paramsJson.
    errCode: maybeText,
    errorCode: maybeText,
    errDesc: maybeText,
    paramsJson: z.unknown(),
    paramJson: z.unknown(),
    sourceJson: z.unknown(),
    labels: z.unknown(),
    canRetry: z.unknown(),
    instance: maybeText,
    engineInstance: maybeText,
  })
  .partial({
    progress: true,
    createdTime: true,
    updatedTime: true,
    costTime: true,
    paramsJson: true,
    paramJson: true,
    sourceJson: true,
    labels: true,
    canRetry: true,
  })
  .transform((row): LinkisTask => {
    const labels = readLabels(row.labels);
    const params = readObject(row.paramsJson ?? row.paramJson);
    return {
      taskId: row.taskID,
      execId: row.execId === undefined ? undefined : (row.strongerExecId ?? row.execId),
      strongerExecId: row.strongerExecId,
      status: row.status,
      progress: normalProgress(row.progress),
      umUser: row.umUser,
      executeUser: row.executeUser,
      engineType: row.engineType,
      runType: row.runType,
      creator: row.requestApplicationName ?? creatorOf(labels.userCreator, row.umUser),
      executeApplicationName: row.executeApplicationName,
      requestApplicationName: row.requestApplicationName,
      createdAtMs: readTime(row.createdTime),
      updatedAtMs: readTime(row.updatedTime),
      costTimeMs: row.costTime,
      logPath: row.logPath,
      resultLocation: row.resultLocation,
      errorCode: [row.errCode, row.errorCode].find((code) => code !== undefined && code !== '0'),
      errorMessage: row.errDesc,
      source: textValues(readObject(row.sourceJson)),
      labels,
      params: params && (withoutSecrets(params) as Record<string, unknown>),
      canRetry: typeof row.canRetry === 'boolean' ? row.canRetry : undefined,
      instance: row.instance,
      engineInstance: row.engineInstance,
    };
  });

/** `GET /jobhistory/{id}/get`. */
export const taskSchema = z.object({ task: rowSchema.nullish() }).transform(({ task }) => task);

/** `GET /jobhistory/list`: the field called `totalPage` is the number of rows. */
export const taskPageSchema = z
  .object({ tasks: z.array(rowSchema).nullish(), totalPage: countSchema })
  .transform(({ tasks, totalPage }) => ({ tasks: tasks ?? [], total: totalPage }));

/** `GET /jobhistory/list-taskids` (1.7 and later). */
export const taskListSchema = z
  .object({ jobHistoryList: z.array(rowSchema).nullable() })
  .transform(({ jobHistoryList }) => jobHistoryList ?? []);

/**
 * Real servers give epoch milliseconds as a number, the public page a text without a zone; it is
 * taken for UTC, since nothing says which zone the server is in. What can't be read is "none".
 */
function readTime(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^\d{10,}$/.test(text)) return Number(text);
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text);
  const isDateTime = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(text);
  if (!isDateTime) return undefined;
  const parsed = Date.parse(text.replace(' ', 'T') + (hasZone ? '' : 'Z'));
  return Number.isNaN(parsed) ? undefined : parsed;
}

/**
 * JSON text (or an object, from a gateway that parses it); anything else, broken text and text that
 * is nested too deep included, is "none".
 */
function readObject(value: unknown): Record<string, unknown> | undefined {
  if (isObject(value)) return value;
  if (typeof value !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) && !isTooDeep(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function textValues(object: Record<string, unknown> = {}): Record<string, string> {
  const entries = Object.entries(object).filter(([, value]) => value !== null);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/** Labels come as `["engineType:spark-2.4.3", …]`. */
function readLabels(value: unknown): Record<string, string> {
  if (isObject(value)) return textValues(value);
  const labels = (Array.isArray(value) ? value : []).filter((label) => typeof label === 'string');
  return Object.fromEntries(
    labels.map((label) => {
      const colon = label.indexOf(':');
      return colon < 0 ? [label, ''] : [label.slice(0, colon), label.slice(colon + 1)];
    }),
  );
}

function creatorOf(userCreator: string | undefined, user: string | undefined): string | undefined {
  if (userCreator === undefined || user === undefined) return undefined;
  return userCreator.startsWith(`${user}-`) ? userCreator.slice(user.length + 1) : undefined;
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      holdsSecret(key) ? '[redacted]' : withoutSecrets(inner),
    ]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
