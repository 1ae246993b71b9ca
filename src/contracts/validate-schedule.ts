import type { ArtifactRef, StagedFile } from './artifact';
import type { ManifestRef } from './chain';
import { cronMistake, namesBothDays } from './cron';
import { Findings, shown, type Mistake } from './findings';
import { jsonBytes } from './history-size';
import { sampleTexts, templateMistakes } from './run-variables';
import {
  leastCatchUpMs,
  overlapPolicies,
  scheduleName,
  type ScheduleDefinition,
  type ScheduledPipeline,
  type ScheduledFiles,
  type ScheduledRun,
  type SchedulePolicy,
  type ScheduleTimes,
} from './schedule';
import { validateChainRefresh } from './validate-chain';
import { validateLinkisTask } from './validate-linkis';
import { validateSqlFlowJob, validateSqlFlowPersistJob } from './validate-sqlflow';

const mostCron = 50;
const mostPaths = 1000;
const longestNote = 500;
/** Temporal itself goes on counting for as long; more is a slip. */
const longestIntervalMs = 366 * 24 * 3600 * 1000;
const longestCatchUpMs = 10 * longestIntervalMs;
const longestJitterMs = 24 * 3600 * 1000;
/** A schedule keeps its definition in a history of its own, and hands it to every run. */
const mostDefinitionBytes = 256 * 1024;

/** Everything that is wrong with a schedule, as far as it can be told before it runs. */
export function validateSchedule(definition: ScheduleDefinition): readonly Mistake[] {
  const found = new Findings();
  const { name, times, policy, note, run } = definition;
  if (typeof name !== 'string' || !scheduleName.test(name)) {
    found.mistake('name', `is ${shown(name)}; give up to 63 letters, digits, ".", "_" and "-"`);
  }
  checkTimes(times, found);
  checkPolicy(policy, found);
  found.optionalText('note', note, 'a few words, or leave it out');
  if (note !== undefined && note.length > longestNote) {
    found.mistake('note', `has ${note.length} characters; ${longestNote} is the most`);
  }
  const sizeBytes = jsonBytes(definition);
  if (sizeBytes > mostDefinitionBytes) {
    found.mistake(
      'the schedule',
      `has ${sizeBytes} bytes, and ${mostDefinitionBytes} is the most; give long code as a file, and many files as a folder`,
    );
  }
  return [...found.mistakes, ...runMistakes(run)];
}

/** What is allowed but often meant otherwise. */
export function scheduleWarnings({ times, policy }: ScheduleDefinition): readonly string[] {
  const warnings = (times.cron ?? [])
    .filter(namesBothDays)
    .map(
      (cron) =>
        `"${cron}" names a day of the month and a day of the week: Temporal runs only where both match, unlike cron`,
    );
  if (policy.overlap === 'allow-all' && policy.pauseOnFailure === true) {
    warnings.push('with overlap allow-all, runs that have begun already go on after the pause');
  }
  return warnings;
}

function checkTimes(times: ScheduleTimes, found: Findings): void {
  const { cron = [], everyMs, offsetMs, jitterMs, timeZone } = times;
  if ((cron.length === 0) === (everyMs === undefined)) {
    const which = everyMs === undefined ? 'are missing' : 'are given twice';
    found.mistake('times', `${which}; give cron expressions or an interval`);
  }
  if (cron.length > mostCron) {
    found.mistake('cron', `has ${cron.length} expressions; ${mostCron} is the most`);
  }
  for (const text of cron) {
    const mistake = cronMistake(text);
    if (mistake !== undefined) found.mistake('cron', `${shown(text)} ${mistake}`);
  }
  checkDuration('every', everyMs, 1000, longestIntervalMs, found);
  if (offsetMs !== undefined && everyMs === undefined) {
    found.mistake('offset', 'goes with an interval; a cron expression says the time itself');
  } else {
    checkDuration('offset', offsetMs, 0, (everyMs ?? 0) - 1000, found);
  }
  checkDuration('jitter', jitterMs, 0, longestJitterMs, found);
  found.optionalText('timeZone', timeZone, 'an IANA name such as Europe/Vienna');
}

function checkPolicy({ overlap, catchUpMs }: SchedulePolicy, found: Findings): void {
  found.oneOf('overlap', overlap, overlapPolicies);
  checkDuration('catchUp', catchUpMs, leastCatchUpMs, longestCatchUpMs, found);
}

/** Temporal's schedules count in whole seconds. */
function checkDuration(
  field: string,
  value: number | undefined,
  least: number,
  most: number,
  found: Findings,
): void {
  if (value === undefined || (value >= least && value <= most && value % 1000 === 0)) return;
  const words = `whole seconds, from ${least / 1000} s to ${most / 1000} s`;
  found.mistake(field, `is ${value / 1000} s; give ${words}`);
}

/** As the worker will check it, with a made-up time for the variables and made-up files. */
function runMistakes(run: ScheduleDefinition['run']): readonly Mistake[] {
  if (run.type === 'pipeline') return pipelineMistakes(run);
  const variables = templateMistakes(run).map(({ field, problem }) => ({
    field: field.replace(/^(job|refresh)\./, ''),
    problem,
  }));
  const moving = movingNames(run);
  if (variables.length + moving.length > 0) return [...variables, ...moving];
  const sample = sampleTexts(run);
  switch (sample.type) {
    case 'chainRefresh': {
      const input = { ...sample.refresh, inputs: sampleInputs };
      return [...fileMistakes(sample.files), ...validateChainRefresh(input)];
    }
    case 'sqlflowJob': {
      const input = { ...sample.job, files: sampleFiles(sample.files, sample.job.database) };
      return [...fileMistakes(sample.files), ...validateSqlFlowJob(input)];
    }
    case 'sqlflowPersistJob': {
      const input = { ...sample.job, files: sampleFiles(sample.files, sample.job.database) };
      return [...fileMistakes(sample.files), ...validateSqlFlowPersistJob(input)];
    }
    case 'linkisTask': {
      const codeFile = sample.codeFile === undefined ? undefined : sampleFile;
      return validateLinkisTask({ ...sample.job, codeFile });
    }
  }
}

/** What the file holds is checked by whoever reads it: the command, and each run. */
function pipelineMistakes({ file, params = {}, timeoutMs }: ScheduledPipeline): readonly Mistake[] {
  const found = new Findings();
  found.text('file', file, "a pipeline's file");
  found.timeout(timeoutMs);
  const variables = templateMistakes(params).map(({ field, problem }) => ({
    field: `params.${field}`,
    problem,
  }));
  return [...found.mistakes, ...variables];
}

/** What must be the same on every day. */
function movingNames(run: ScheduledRun): readonly Mistake[] {
  const { connection, chain } = {
    chain: undefined,
    ...(run.type === 'chainRefresh' ? run.refresh : run.job),
  };
  return Object.entries({ connection, chain })
    .filter(([, name]) => name?.includes('{{'))
    .map(([field, name]) => ({
      field,
      problem: `is ${shown(name)}; give a name without variables, which is the same on every day`,
    }));
}

function fileMistakes({
  paths,
  filesFrom = [],
  changedSince,
  base,
}: ScheduledFiles): readonly Mistake[] {
  const found = new Findings();
  if (paths.length + filesFrom.length > mostPaths) {
    found.mistake('files', `are ${paths.length} paths; give at most ${mostPaths}, or their folder`);
  }
  for (const path of paths) found.text('files', path, 'a file, a folder or a glob');
  for (const list of filesFrom) found.text('filesFrom', list, 'a file that names files');
  found.optionalText('changedSince', changedSince, 'a git revision');
  found.optionalText('base', base, 'a folder');
  return found.mistakes;
}

const sampleArtifact: ArtifactRef = {
  uri: 'artifact:inputs/sample',
  format: 'sql',
  sizeBytes: 1,
  sha256: '0'.repeat(64),
};
const sampleFile: StagedFile = { name: 'sample.sql', artifact: sampleArtifact };
const sampleInputs: ManifestRef = {
  artifact: { ...sampleArtifact, format: 'json' },
  files: 1,
  sizeBytes: 1,
};

function sampleFiles({ paths, filesFrom }: ScheduledFiles, database: unknown) {
  const none = paths.length === 0 && filesFrom === undefined && database !== undefined;
  return none ? [] : [sampleFile];
}
