import { timeText } from './envelope';
import type { Job, LineageSettings, Upload } from './job';

const settings: LineageSettings = {
  showRelationType: 'fdd',
  ignoreRecordSet: true,
  ignoreFunction: true,
  showConstantTable: false,
  showTransform: false,
  treatArgumentsInCountFunctionAsDirectDataflow: false,
};
const uploads: Upload[] = [{ name: 'nightly.sql', blob: '', sizeBytes: 0 }];
const lasted = 4000;

/**
 * Jobs of an account that has been in use for long: simple ones without any lineage, of the user
 * `demo`, ended one after the other before the given time, the oldest first.
 */
export function* finishedJobs(count: number, beforeMs: number): Generator<Job> {
  for (let number = 1 - count; number <= 0; number += 1) {
    const submittedAtMs = beforeMs - (2 - number) * lasted;
    const id = (count + number).toString(16).padStart(8, '0');
    yield {
      jobId: `f1${'0'.repeat(22)}${id}`,
      userId: 'demo',
      jobName: `nightly ${count + number}`,
      dbVendor: 'dbvoracle',
      persist: false,
      settings,
      createdAtMs: submittedAtMs,
      number,
      parallel: false,
      incremental: false,
      schedulable: false,
      cancelSchedule: false,
      onTop: false,
      dataSource: {},
      uploads,
      replaced: [],
      revision: 1,
      status: 'success',
      submittedAtMs,
      endedAtMs: submittedAtMs + lasted,
      sessionId: `${'0'.repeat(56)}${id}_${submittedAtMs + lasted}`,
      executeTimeMillis: lasted,
      lastExecuteTime: timeText(submittedAtMs + lasted),
      subJobs: [],
    };
  }
}
