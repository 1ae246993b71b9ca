import type { SqlFlowJob } from './wire';

/** A job's row with each field as servers send it. */
export type PlainRow = Omit<SqlFlowJob, 'jobName' | 'warnings'> & {
  readonly jobName?: string;
  readonly dbvendor?: string;
};

/** No longer text of a row is read here: what is too long is for the schema to tell. */
const longest = 200;

/**
 * Reads a row without the schema, which takes ten times as long: a list may have 100,000. Undefined
 * for one with anything unusual, which is for the schema to read or to refuse.
 */
export function plainRow(value: unknown): PlainRow | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const row = value as Readonly<Record<string, unknown>>;
  let isPlain = true;
  const text = (name: string): string | undefined => {
    const found = row[name];
    if (found === undefined || found === null || found === '') return undefined;
    if (typeof found === 'string' && found.length <= longest) return found;
    isPlain = false;
    return undefined;
  };
  const flag = (name: string): boolean | undefined => {
    const found = row[name];
    if (typeof found === 'boolean') return found;
    isPlain &&= found === undefined || found === null;
    return undefined;
  };
  const list = (name: string): readonly unknown[] => {
    const found = row[name] ?? [];
    if (Array.isArray(found)) return found;
    isPlain = false;
    return [];
  };
  const [jobId, status, fileNames] = [text('jobId'), text('status'), list('fileNames')];
  if (!jobId?.trim() || !status?.trim()) return undefined;
  if (!fileNames.every((name): name is string => typeof name === 'string')) return undefined;
  const plain: PlainRow = {
    jobId,
    jobName: text('jobName'),
    status,
    dbVendor: text('dbVendor'),
    dbvendor: text('dbvendor'),
    createTime: text('createTime'),
    sessionId: text('sessionId'),
    executeTime: text('executeTime'),
    lastExecuteTime: text('lastExecuteTime'),
    errorMessage: text('errorMessage'),
    persist: flag('persist'),
    incremental: flag('incremental'),
    fileNames,
    subJobs: list('subJobs'),
  };
  return isPlain ? plain : undefined;
}
