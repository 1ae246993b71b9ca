import { Findings, shown, type Mistake } from './findings';
import { historyLimitBytes, jsonBytes } from './history-size';
import { isSecretRef } from './secret';
import type {
  SqlFlowAttachInput,
  SqlFlowJobBase,
  SqlFlowJobInput,
  SqlFlowPersistJobInput,
} from './sqlflow';

/** Longest readable job name; the submission's key is appended to it. */
const jobNameLimit = 120;

export function checkExports(
  input: Pick<SqlFlowJobBase, 'exports' | 'delimiter' | 'partialSuccess' | 'timeoutMs'>,
  found: Findings,
): void {
  const formats = found.list('exports', input.exports, 'json, csv and graphml');
  for (const [index, format] of formats.entries()) {
    found.oneOf(`exports[${index}]`, format, ['json', 'csv', 'graphml']);
  }
  if (input.exports?.length === 0) {
    found.mistake('exports', 'is empty; name json, csv or graphml, or leave it out for all three');
  }
  if (input.delimiter !== undefined && [...String(input.delimiter)].length !== 1) {
    found.mistake('delimiter', `is ${shown(input.delimiter)}; give exactly one character`);
  }
  found.oneOf('partialSuccess', input.partialSuccess, ['accept', 'fail']);
  found.timeout(input.timeoutMs);
}

function checkSqlFlowBase(input: SqlFlowJobBase, found: Findings): void {
  found.connection(input.connection);
  if (
    found.text('jobName', input.jobName, 'it a readable name') &&
    input.jobName.length > jobNameLimit
  ) {
    found.mistake(
      'jobName',
      `has ${input.jobName.length} characters; ${jobNameLimit} is the most, since the key is appended`,
    );
  }
  found.text('dbVendor', input.dbVendor, 'the SQL dialect, such as dbvhive');
  const files = found.list('files', input.files, 'staged SQL files and zips');
  if (files.length > 0 && input.database !== undefined) {
    found.mistake('files', 'are given together with database; give one of the two');
  } else if (files.length === 0 && input.database === undefined) {
    found.mistake('files', 'are missing; give at least one SQL file or zip, or a database');
  }
  const names = new Set<string>();
  for (const [index, file] of files.entries()) {
    const sizeBytes = found.stagedBytes(`files[${index}]`, file);
    if (sizeBytes === undefined) continue;
    if (sizeBytes === 0) {
      found.mistake(`files[${index}]`, `"${file.name}" is empty; leave it out or fill it`);
    }
    if (names.has(file.name)) {
      found.mistake(
        `files[${index}]`,
        `"${file.name}" is there twice; give each file its own name`,
      );
    }
    names.add(file.name);
  }
  const listBytes = jsonBytes(files);
  if (listBytes > historyLimitBytes) {
    found.mistake(
      'files',
      `are ${files.length}, whose list takes ${listBytes} bytes where ${historyLimitBytes} fit into Temporal's history; give them as one zip, or refresh a chain, which packs them`,
    );
  }
  if (input.database !== undefined) {
    const { hostname, port, account, password } = input.database ?? {};
    found.text('database.hostname', hostname, 'the host of the database');
    found.text('database.account', account, 'the account to read with');
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      found.mistake('database.port', `is ${shown(port)}; give a port from 1 to 65535`);
    }
    if (!isSecretRef(password)) {
      found.mistake(
        'database.password',
        'is a literal; give { secret: NAME } and configure NAME on the worker',
      );
    }
  }
  checkExports(input, found);
}

export function validateSqlFlowJob(input: SqlFlowJobInput): readonly Mistake[] {
  const found = new Findings();
  checkSqlFlowBase(input, found);
  found.oneOf('onCancel', input.onCancel, ['delete', 'abandon']);
  found.oneOf('afterExport', input.afterExport, ['keep', 'delete']);
  found.fitsHistory(input);
  return found.mistakes;
}

export function validateSqlFlowPersistJob(input: SqlFlowPersistJobInput): readonly Mistake[] {
  const found = new Findings();
  checkSqlFlowBase(input, found);
  found.optionalText(
    'jobId',
    input.jobId,
    'the jobId of the first submit, or leave it out for a first submit',
  );
  found.fitsHistory(input);
  return found.mistakes;
}

export function validateSqlFlowAttach(input: SqlFlowAttachInput): readonly Mistake[] {
  const found = new Findings();
  found.connection(input.connection);
  found.text('jobId', input.jobId, 'the jobId to follow');
  checkExports(input, found);
  found.fitsHistory(input);
  return found.mistakes;
}
