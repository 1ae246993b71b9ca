import { Findings, shown, type Mistake } from './findings';
import type { LinkisAttachInput, LinkisTaskInput } from './linkis';
import { own } from './own';
import { mostSubmissions } from './resubmit';
import { holdsSecret, isSecretRef } from './secret';

/** Longest code in an input itself, in UTF-16 units: three bytes each still fit into history. */
const inlineCodeLimit = 2 ** 19;

const resultFormats = ['csv', 'jsonl', 'parquet', 'xlsx'];

/** Labels that have a field of their own. */
const labelFields = { engineType: 'engine', userCreator: 'creator', codeType: 'runType' };

function checkConfiguration(
  field: 'variables' | 'runtime' | 'startup',
  values: LinkisTaskInput['variables'],
  found: Findings,
): void {
  for (const [key, value] of Object.entries(values ?? {})) {
    const name = `${field}.${key}`;
    if (isSecretRef(value)) continue;
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      found.mistake(name, `is ${shown(value)}; give text, a number, a boolean or { secret: NAME }`);
    } else if (holdsSecret(key)) {
      found.mistake(name, 'is a literal; give { secret: NAME } and configure NAME on the worker');
    }
  }
}

export function validateLinkisTask(input: LinkisTaskInput): readonly Mistake[] {
  const found = new Findings();
  found.connection(input.connection);
  if (input.code !== undefined && input.codeFile !== undefined) {
    found.mistake('code', 'is given together with codeFile; give one of the two');
  } else if (input.codeFile === undefined) {
    if (found.text('code', input.code, 'the code to run') && input.code.length > inlineCodeLimit) {
      found.mistake(
        'code',
        `has ${input.code.length} characters, and a workflow's input takes ${inlineCodeLimit}; stage it as codeFile`,
      );
    }
  } else {
    const { codeFile } = input;
    const sizeBytes = found.stagedBytes('codeFile', codeFile);
    if (sizeBytes === 0) {
      found.mistake('codeFile', `"${codeFile.name}" is empty; there is nothing to run`);
    }
  }
  if (
    found.text('engine', input.engine, 'the engine with its version, such as spark-2.4.3') &&
    !/^[A-Za-z][\w.]*-[\w.]+$/.test(input.engine)
  ) {
    found.mistake(
      'engine',
      `is "${input.engine}"; give name and version with a dash between, such as spark-2.4.3`,
    );
  }
  found.text('runType', input.runType, 'the kind of code, such as sql, hql or py');
  checkConfiguration('variables', input.variables, found);
  checkConfiguration('runtime', input.runtime, found);
  checkConfiguration('startup', input.startup, found);
  for (const [key, value] of Object.entries(input.source ?? {})) {
    if (typeof value !== 'string') {
      found.mistake(`source.${key}`, `is ${shown(value)}; give text (the server stalls on others)`);
    }
  }
  for (const key of Object.keys(input.labels ?? {})) {
    const field = own(labelFields, key);
    if (field !== undefined) found.mistake(`labels.${key}`, `has a field of its own: ${field}`);
  }
  checkCreator(input.creator, found);
  found.optionalText('user', input.user, 'the user to run as');
  found.oneOf('endpoint', input.endpoint, ['submit', 'execute']);
  found.oneOf('format', input.format, resultFormats);
  checkResubmit(input.resubmit, found);
  found.timeout(input.timeoutMs);
  found.fitsHistory(input);
  return found.mistakes;
}

function checkResubmit(policy: LinkisTaskInput['resubmit'], found: Findings): void {
  if (policy === undefined) return;
  if (policy === null || typeof policy !== 'object') {
    found.mistake('resubmit', `is ${shown(policy)}; give { maxAttempts, when }`);
    return;
  }
  const { maxAttempts } = policy;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 2 || maxAttempts > mostSubmissions) {
    found.mistake(
      'resubmit.maxAttempts',
      `is ${shown(maxAttempts)}; give a whole number from 2 to ${mostSubmissions}, the first submit counted`,
    );
  }
  if (policy.when?.length === 0) {
    found.mistake('resubmit.when', 'is empty; name a reason, or leave it out for canRetry');
  }
  for (const [index, reason] of found.list('resubmit.when', policy.when, 'reasons').entries()) {
    const known =
      typeof reason === 'string' && /^(failed|canRetry|timedOut|lost|code:.+)$/.test(reason);
    if (!known) {
      found.mistake(
        `resubmit.when[${index}]`,
        `is ${shown(reason)}; give failed, canRetry, timedOut, lost or code:PATTERN`,
      );
    }
  }
}

function checkCreator(creator: string | undefined, found: Findings): void {
  if (creator === undefined) return;
  if (!found.text('creator', creator, 'the creator, or leave it out')) return;
  if (['LINKISCLI', 'BDPCLIENT'].includes(creator.toUpperCase())) {
    found.mistake(
      'creator',
      `is "${creator}", whose tasks the server kills when their status isn't asked for 30 s; choose another`,
    );
  } else if (creator.includes('-')) {
    found.mistake('creator', `is "${creator}"; leave out the dash, which parts user from creator`);
  }
}

export function validateLinkisAttach(input: LinkisAttachInput): readonly Mistake[] {
  const found = new Findings();
  found.connection(input.connection);
  if (typeof input.taskId !== 'string' || !/^\d+$/.test(input.taskId)) {
    found.mistake('taskId', `is ${shown(input.taskId)}; give the taskID, a whole number as text`);
  }
  found.optionalText('user', input.user, 'the user the task runs as');
  found.oneOf('format', input.format, resultFormats);
  found.timeout(input.timeoutMs);
  found.fitsHistory(input);
  return found.mistakes;
}
