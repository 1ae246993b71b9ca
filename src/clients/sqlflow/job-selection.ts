import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { parseJson } from '../http/shape';
import type { StreamResponse } from '../http/transport';
import { readEnvelope, type Envelope } from './envelope';
import { ListSplitter } from './list-splitter';
import { readJobAt, type SqlFlowJob } from './wire';
import { jobList, JobRows, type SqlFlowJobList } from './wire-list';

/** Which jobs of the list are wanted: all that don't match are passed over unread. */
export interface SqlFlowJobFilter {
  readonly field: 'jobId' | 'jobName' | 'status';
  /** Called with the field of each job of the list. */
  wants(value: string): boolean;
}

/** A job as a selection holds it: names of files may be thousands a job. */
export type SqlFlowListedJob = Omit<SqlFlowJob, 'fileNames'>;

/** The jobs of the account that a filter wants. */
export interface SqlFlowJobSelection {
  /** In the order of the list. */
  readonly jobs: readonly SqlFlowListedJob[];
  /** How many jobs the account has, wanted or not. */
  readonly listed: number;
  /** How long the answer was. */
  readonly sizeBytes: number;
  /** The service's, and one for each row that couldn't be read and is left out. */
  readonly warnings: readonly string[];
}

export interface ListReading {
  readonly secrets: readonly string[];
  /** Of what is kept: one job at a time, and all that isn't jobs. */
  readonly maxKeptBytes: number;
}

/** Every job of the list. */
export async function readWholeList(
  response: StreamResponse,
  reading: ListReading,
): Promise<SqlFlowJobList> {
  const { endpoint } = response;
  const rows = new JobRows<SqlFlowJob>();
  const splitter = new ListSplitter({
    endpoint,
    maxKeptBytes: reading.maxKeptBytes,
    onRow: (bytes, index) => rows.add(() => readRow(endpoint, bytes, index)),
  });
  const envelope = await readRest(response, splitter, reading);
  return jobList(envelope, rows, splitter.rows);
}

/** A row as the service wrote it, and the job that was read from it. */
interface KnownRow {
  readonly print: string;
  readonly job: SqlFlowListedJob;
}
/** By their prints. */
type KnownRows = ReadonlyMap<string, KnownRow>;
const rowsOf = new WeakMap<SqlFlowJobSelection, KnownRows>();

/** @param since an earlier selection: a job whose row is still the same is the same object */
export async function readSelection(
  response: StreamResponse,
  filter: SqlFlowJobFilter,
  since: SqlFlowJobSelection | undefined,
  reading: ListReading,
): Promise<SqlFlowJobSelection> {
  const { endpoint } = response;
  const known = since && rowsOf.get(since);
  const seen = new Map<string, KnownRow>();
  const rows = new JobRows<SqlFlowListedJob>();
  const splitter = new ListSplitter({
    endpoint,
    maxKeptBytes: reading.maxKeptBytes,
    choice: filter,
    onRow: (bytes, index) =>
      rows.add(() => {
        const print = printOf(bytes);
        const row = known?.get(print) ?? {
          print,
          job: withoutFiles(readRow(endpoint, bytes, index)),
        };
        if (!filter.wants(row.job[filter.field])) return undefined;
        // By the print that it was first read with: thousands of new ones a look would all grow old.
        seen.set(row.print, row);
        return row.job;
      }),
  });
  const envelope = await readRest(response, splitter, reading);
  const warnings = rows.warnings(envelope, splitter.rows);
  const { rows: listed, sizeBytes } = splitter;
  const selection = { jobs: rows.jobs, listed, sizeBytes, warnings };
  rowsOf.set(selection, seen);
  return selection;
}

/** For so long a list is read before other work of the process has its turn. */
const longestTurnMs = 5;

/** The answer without its jobs, which the splitter hands over meanwhile. */
async function readRest(
  response: StreamResponse,
  splitter: ListSplitter,
  { secrets }: ListReading,
): Promise<Envelope> {
  const { body, ...answer } = response;
  let turnMs = performance.now();
  for await (const chunk of body) {
    splitter.push(chunk as Buffer);
    if (performance.now() - turnMs < longestTurnMs) continue;
    // A fast service sends chunk upon chunk, and nothing else would get its turn.
    await setImmediate();
    turnMs = performance.now();
  }
  return readEnvelope({ ...answer, text: splitter.rest() }, secrets);
}

function readRow(endpoint: string, bytes: Buffer, index: number): SqlFlowJob {
  const row = parseJson(bytes.toString('utf8'), endpoint);
  return readJobAt({ endpoint, warnings: [] }, row, `data.jobDetails[${index}]`);
}

function withoutFiles({ fileNames: _fileNames, ...job }: SqlFlowJob): SqlFlowListedJob {
  return job;
}

/** A row's own text where it is short, else its hash. */
const longestPrintBytes = 4096;

function printOf(row: Buffer): string {
  return row.length <= longestPrintBytes
    ? row.toString('latin1')
    : createHash('sha256').update(row).digest('base64');
}
