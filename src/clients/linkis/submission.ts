import type { LinkisScalar } from '../../contracts/linkis';
import { holdsSecret } from '../../contracts/secret';
import { InputError } from '../http/errors';
import { kindOf } from '../http/shape';
import { requireText } from './input';

/** One task, in everything that the service lets a caller say. */
export interface LinkisSubmission {
  readonly code: string;
  /** `spark-2.4.3`, `hive-2.3.3`, …: the label `engineType`. */
  readonly engine: string;
  /** `sql`, `hql`, `py`, `scala`, `shell`, … */
  readonly runType: string;
  /** Values for `${name}` in the code. They and the two below are sent as text. */
  readonly variables?: Readonly<Record<string, LinkisScalar>>;
  /** `params.configuration.runtime` */
  readonly runtime?: Readonly<Record<string, LinkisScalar>>;
  /** `params.configuration.startup` */
  readonly startup?: Readonly<Record<string, LinkisScalar>>;
  /** Text only: for other values the server retries for minutes and fails with 20011, so they are refused here. */
  readonly source?: Readonly<Record<string, string>>;
  /** More labels (`executeOnce`, `jobRunningTimeout` in seconds, …), sent as text. */
  readonly labels?: Readonly<Record<string, LinkisScalar>>;
  /** The label `userCreator` becomes `<user>-<creator>`. @default 'remotejobs' */
  readonly creator?: string;
  /** `execute` only. @default the engine's name without its version */
  readonly executeApplicationName?: string;
  /** `execute` only. @default the creator */
  readonly requestApplicationName?: string;
}

/** What a task's creator is when none is named. Not `IDE`, the service's own default: see {@link creatorWarning}. */
export const defaultCreator = 'remotejobs';

/** What a user of a creator should know; undefined where there is nothing to say. */
export function creatorWarning(creator: string): string | undefined {
  if (creator.toUpperCase() !== 'IDE') return undefined;
  return 'Linkis appends "limit 5000" to the SQL of creator IDE, so results may be cut short; name another creator for complete ones';
}

/** For these the server kills a task whose status isn't asked for 30 seconds, whatever it does. */
const creatorsThatKill = new Set(['linkiscli', 'bdpclient']);

const labelsWithAField = new Map([
  ['engineType', 'engine'],
  ['userCreator', 'creator'],
  ['codeType', 'runType'],
]);

/** The body of `POST /entrance/submit` (1.x). Throws an {@link InputError} before anything is sent. */
export function submitBody(task: LinkisSubmission, user: string): Record<string, unknown> {
  const checked = check(task, user);
  return {
    executionContent: { code: task.code, runType: task.runType },
    params: checked.params,
    source: checked.source,
    labels: checked.labels,
  };
}

/** The body of `POST /entrance/execute`, the form of 0.x. */
export function executeBody(task: LinkisSubmission, user: string): Record<string, unknown> {
  const checked = check(task, user);
  const engineName = task.engine.replace(/-\d.*$/, '');
  return {
    executeApplicationName: task.executeApplicationName ?? engineName,
    requestApplicationName: task.requestApplicationName ?? checked.creator,
    executionCode: task.code,
    runType: task.runType,
    params: checked.params,
    source: checked.source,
    labels: checked.labels,
  };
}

/** Values that must not show in an error, should the service echo what it was sent. */
export function secretsIn(task: LinkisSubmission): string[] {
  return [task.variables, task.runtime, task.startup]
    .flatMap((values) => Object.entries(values ?? {}))
    .filter(([key, value]) => holdsSecret(key) && typeof value === 'string' && value !== '')
    .map(([, value]) => String(value));
}

function check(task: LinkisSubmission, user: string) {
  const creator = task.creator ?? defaultCreator;
  requireText('code', task.code, 'give the code to run');
  requireText('engine', task.engine, 'name an engine, such as spark-2.4.3');
  requireText('runType', task.runType, 'name a run type, such as sql');
  requireCreator(creator);
  for (const name of ['executeApplicationName', 'requestApplicationName'] as const) {
    if (task[name] !== undefined) requireText(name, task[name], 'leave it out for its default');
  }
  return {
    creator,
    params: {
      variable: asText('variables', task.variables),
      configuration: {
        runtime: asText('runtime', task.runtime),
        startup: asText('startup', task.startup),
      },
    },
    source: onlyText(task.source),
    labels: {
      ...ownLabels(task.labels),
      engineType: task.engine,
      userCreator: `${user}-${creator}`,
    },
  };
}

function requireCreator(creator: string): void {
  requireText('creator', creator, `leave it out for "${defaultCreator}"`);
  if (creatorsThatKill.has(creator.toLowerCase())) {
    throw new InputError(
      'creator',
      `"${creator}" makes the server kill a task whose status is not asked for 30 seconds; name another`,
    );
  }
  if (creator.includes('-')) {
    throw new InputError(
      'creator',
      `"${creator}" holds a "-", where the server splits the label <user>-<creator>; name one without`,
    );
  }
}

function asText(
  field: string,
  values: Readonly<Record<string, LinkisScalar>> = {},
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const isScalar = ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
      if (isScalar) return [key, String(value)];
      const found = typeof value === 'number' ? String(value) : kindOf(value);
      throw new InputError(
        `${field}.${key}`,
        `is ${found}; give a text, a finite number or true/false`,
      );
    }),
  );
}

function onlyText(
  source: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  for (const [key, value] of Object.entries(source)) {
    if (typeof value === 'string') continue;
    throw new InputError(
      `source.${key}`,
      `is ${kindOf(value)}; give a text, for the server retries anything else for minutes and then fails (20011)`,
    );
  }
  return source;
}

function ownLabels(labels: Readonly<Record<string, LinkisScalar>> = {}): Record<string, string> {
  for (const [label, field] of labelsWithAField) {
    if (!Object.hasOwn(labels, label)) continue;
    throw new InputError(
      `labels.${label}`,
      `has a field of its own; leave it out and use "${field}"`,
    );
  }
  return asText('labels', labels);
}
