import { isKnownEngine } from '../engine/dialects';
import { LinkisError } from '../envelope';

/** A task as either form of submit asks for it. */
export interface TaskRequest {
  readonly code: string;
  readonly runType: string;
  /** Without its version: `spark`. */
  readonly engine: string;
  /** The user in the label `userCreator`. */
  readonly labelUser: string;
  readonly creator: string;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, unknown>>;
  /** For `${name}` in the code. */
  readonly variables: Readonly<Record<string, string>>;
  readonly source: Readonly<Record<string, string>>;
}

type Fields = Readonly<Record<string, unknown>>;

/** The body of `/entrance/submit`. @throws LinkisError */
export function readSubmit(body: unknown, user: string): TaskRequest {
  const task = fieldsOf(body, 'the body');
  const content = fieldsOf(task.executionContent, 'executionContent');
  if (task.labels === undefined || task.labels === null) {
    throw new LinkisError(20008, 'The parameter labels is required and must not be empty');
  }
  return readTask(task, content.code, content.runType, user);
}

/** The 0.x body of `/entrance/execute`; labels win over the application names. @throws LinkisError */
export function readExecute(body: unknown, user: string): TaskRequest {
  const task = fieldsOf(body, 'the body');
  const labels: Record<string, unknown> = { ...fieldsOf(task.labels ?? {}, 'labels') };
  labels.engineType ??= task.executeApplicationName;
  labels.userCreator ??=
    typeof task.requestApplicationName === 'string'
      ? `${user}-${task.requestApplicationName}`
      : undefined;
  return readTask({ ...task, labels }, task.executionCode, task.runType, user);
}

function readTask(task: Fields, code: unknown, runType: unknown, user: string): TaskRequest {
  const labels = fieldsOf(task.labels, 'labels');
  const params = fieldsOf(task.params ?? {}, 'params');
  if (typeof code !== 'string') throw new LinkisError(20010, 'The execution code is missing');
  const language = runType ?? labels.codeType;
  if (typeof language !== 'string' || language === '') {
    throw new LinkisError(20010, 'runType is missing, and there is no label codeType either');
  }
  const engine = engineOf(labels.engineType);
  const { labelUser, creator } = readUserCreator(labels.userCreator ?? `${user}-IDE`, user);
  const variables = Object.entries(fieldsOf(params.variable ?? {}, 'params.variable'));
  return {
    code,
    runType: language,
    engine,
    labelUser,
    creator,
    labels: { ...labels, userCreator: `${labelUser}-${creator}` },
    params,
    variables: Object.fromEntries(variables.map(([name, value]) => [name, String(value)])),
    source: readSource(task.source ?? {}),
  };
}

function engineOf(label: unknown): string {
  if (typeof label !== 'string' || label === '') {
    throw new LinkisError(20009, 'The label engineType is required, such as spark-2.4.3');
  }
  const engine = label.split('-')[0] ?? '';
  if (!isKnownEngine(engine)) {
    throw new LinkisError(20009, `The label engineType "${label}" names no engine that Linkis has`);
  }
  return engine;
}

function readUserCreator(label: unknown, user: string) {
  const text = String(label);
  const split = text.startsWith(`${user}-`) ? user.length : text.indexOf('-');
  if (split < 1 || split === text.length - 1) {
    throw new LinkisError(50079, `The label userCreator "${text}" must be <user>-<creator>`);
  }
  return { labelUser: text.slice(0, split), creator: text.slice(split + 1) };
}

function readSource(source: unknown): Record<string, string> {
  const entries = Object.entries(fieldsOf(source, 'source'));
  const odd = entries.find(([, value]) => typeof value !== 'string');
  if (odd !== undefined) {
    throw new LinkisError(
      20011,
      `java.lang.ClassCastException: the value of source.${odd[0]} cannot be cast to java.lang.String`,
    );
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

function fieldsOf(value: unknown, field: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new LinkisError(20010, `${field} is missing or isn't an object`);
}
