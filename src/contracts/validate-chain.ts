import { chainName, type ChainRefreshInput, type ChainSettings, type ManifestRef } from './chain';
import type { AdoptRequest } from './chain-asking';
import { Findings, shown, type Mistake } from './findings';
import { jsonBytes } from './history-size';
import type { LineageGate, PublishOptions } from './lineage-gate';
import { artifactUriMistake } from './relative-path';
import { checkExports } from './validate-sqlflow';

/** One request, in bytes: a chain carries those that wait from run to run. */
export const mostRequestBytes = 16 * 1024;
/** Characters of a name that a service fixes for a job. */
const longestSetting = 200;
const longestNote = 500;
const mostKeptRevisions = 10_000;

/** Everything that is wrong with what a refresh is asked to do. */
export function validateChainRefresh(input: ChainRefreshInput): readonly Mistake[] {
  const found = new Findings();
  checkIdentity(input.connection, input.chain, found);
  checkSettings('', input, found);
  checkInputs(input.inputs, found);
  found.oneOf('send', input.send, ['changed', 'all']);
  found.oneOf('removed', input.removed, ['rebuild', 'note']);
  checkFlag('rebuild', input.rebuild, found);
  checkWhole('rebuildEvery', input.rebuildEvery, 1, 1_000_000, found);
  found.oneOf('replaced', input.replaced, ['delete', 'keep']);
  checkFlag('tableToTable', input.tableToTable, found);
  checkExports(input, found);
  checkGate(input.gate, found);
  checkPublish(input.publish, found);
  checkWhole('keepRevisions', input.keepRevisions, 1, mostKeptRevisions, found);
  if (input.scheduledAtMs !== undefined && !Number.isFinite(input.scheduledAtMs)) {
    found.mistake('scheduledAtMs', `is ${shown(input.scheduledAtMs)}; give epoch milliseconds`);
  }
  const sizeBytes = jsonBytes(input);
  if (sizeBytes > mostRequestBytes) {
    found.mistake(
      'the input',
      `has ${sizeBytes} bytes, and a chain takes requests of ${mostRequestBytes}; name fewer or shorter patterns in gate.protect`,
    );
  }
  return found.mistakes;
}

/** Everything that is wrong with a wish to take a job over. */
export function validateAdoption(
  connection: string,
  chain: string,
  { jobId, settings }: AdoptRequest,
): readonly Mistake[] {
  const found = new Findings();
  checkIdentity(connection, chain, found);
  // As long as the client takes them.
  checkShort('jobId', jobId, 'the jobId of a regular job', found);
  if (isObject(settings)) checkSettings('settings.', settings, found);
  else found.mistake('settings', `is ${shown(settings)}; give { dbVendor }`);
  return found.mistakes;
}

/** What is wrong with the name of a chain and of its connection. */
export function validateChainIdentity(connection: string, chain: string): readonly Mistake[] {
  const found = new Findings();
  checkIdentity(connection, chain, found);
  return found.mistakes;
}

/** What is wrong with the words that say why a chain is paused. */
export function validateNote(note: string | undefined): readonly Mistake[] {
  const found = new Findings();
  if (note !== undefined && (typeof note !== 'string' || note.length > longestNote)) {
    found.mistake('note', `is longer than ${longestNote} characters, or no text; shorten it`);
  }
  return found.mistakes;
}

function checkIdentity(connection: unknown, chain: unknown, found: Findings): void {
  if (connection === undefined) found.mistake('connection', 'is missing; name one of SQLFlow');
  found.connection(connection);
  if (typeof chain === 'string' && chainName.test(chain)) return;
  found.mistake(
    'chain',
    `is ${shown(chain)}; give a name of letters, digits, ".", "_" and "-" that begins with a letter or digit, at most 63 characters`,
  );
}

function checkSettings(prefix: string, settings: ChainSettings, found: Findings): void {
  checkShort(`${prefix}dbVendor`, settings.dbVendor, 'the SQL dialect, such as dbvhive', found);
  for (const name of ['defaultDatabase', 'defaultSchema'] as const) {
    const value = settings[name];
    if (value !== undefined)
      checkShort(`${prefix}${name}`, value, 'its name, or leave it out', found);
  }
}

function checkShort(field: string, value: unknown, what: string, found: Findings): void {
  if (!found.text(field, value, what) || value.length <= longestSetting) return;
  found.mistake(field, `has ${value.length} characters; ${longestSetting} is the most`);
}

function checkInputs(inputs: ManifestRef | undefined, found: Findings): void {
  const { artifact, files, sizeBytes, partial } = inputs ?? {};
  const isSnapshot =
    typeof artifact?.uri === 'string' &&
    typeof artifact.sha256 === 'string' &&
    Number.isInteger(files) &&
    Number.isFinite(sizeBytes);
  if (!isSnapshot) {
    found.mistake('inputs', 'is no snapshot of files; make one first (gatherInputs)');
    return;
  }
  const wrongUri = artifactUriMistake(artifact.uri);
  if (wrongUri !== undefined) {
    found.mistake(
      'inputs.artifact.uri',
      `${shown(artifact.uri)} ${wrongUri}; give the snapshot's own`,
    );
  }
  if (files === 0 && partial !== true) {
    found.mistake('inputs', 'holds no file; name at least one SQL file or zip');
  }
}

function checkGate(gate: LineageGate | undefined, found: Findings): void {
  if (gate === undefined) return;
  if (!isObject(gate)) {
    found.mistake('gate', `is ${shown(gate)}; give an object of limits`);
    return;
  }
  checkWhole('gate.maxRemovedEdges', gate.maxRemovedEdges, 0, Number.MAX_SAFE_INTEGER, found);
  checkWhole('gate.maxParseErrors', gate.maxParseErrors, 0, Number.MAX_SAFE_INTEGER, found);
  const { maxRemovedPercent: percent, approveWithinMs } = gate;
  const isPercent = typeof percent === 'number' && percent > 0 && percent <= 100;
  if (percent !== undefined && !isPercent) {
    found.mistake(
      'gate.maxRemovedPercent',
      `is ${shown(percent)}; give a number above 0, at most 100 (maxRemovedEdges: 0 closes at the first)`,
    );
  }
  for (const [index, pattern] of found.list('gate.protect', gate.protect, 'datasets').entries()) {
    checkShort(`gate.protect[${index}]`, pattern, 'a dataset, such as dw.sales or dw.*', found);
  }
  found.oneOf('gate.onClosed', gate.onClosed, ['fail', 'approve']);
  if (approveWithinMs !== undefined && !(Number.isFinite(approveWithinMs) && approveWithinMs > 0)) {
    found.mistake(
      'gate.approveWithinMs',
      `is ${shown(approveWithinMs)}; give milliseconds, more than 0`,
    );
  }
}

function checkPublish(publish: PublishOptions | undefined, found: Findings): void {
  if (publish === undefined) return;
  if (!isObject(publish)) {
    found.mistake('publish', `is ${shown(publish)}; give { target }`);
    return;
  }
  found.text('publish.target', publish.target, 'the name of a configured OpenLineage target');
  found.optionalText('publish.jobNamespace', publish.jobNamespace, 'a namespace');
  found.optionalText('publish.datasetNamespace', publish.datasetNamespace, 'a namespace');
}

function checkFlag(field: string, value: unknown, found: Findings): void {
  if (value === undefined || typeof value === 'boolean') return;
  found.mistake(field, `is ${shown(value)}; give true or false`);
}

function checkWhole(
  field: string,
  value: unknown,
  least: number,
  most: number,
  found: Findings,
): void {
  if (value === undefined) return;
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return;
  const upTo =
    most === Number.MAX_SAFE_INTEGER ? `, at least ${least}` : ` from ${least} to ${most}`;
  found.mistake(field, `is ${shown(value)}; give a whole number${upTo}`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
