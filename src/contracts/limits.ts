/**
 * How much a job may bring and take, under `limits` in the configuration. What lies beyond one fails
 * with `LimitError`; nothing is ever cut short without a word. Only a log is cut at all: its
 * reference and a warning tell.
 */
export interface Limits {
  /** Files of one submission. @default 10_000 */
  readonly maxFiles: number;
  /** One input file, in bytes. @default 200 MiB, what SQLFlow's own proxy takes */
  readonly maxFileBytes: number;
  /** Entries of one input zip. @default 100_000 */
  readonly maxZipEntries: number;
  /** What an input zip unpacks to, in bytes. @default 1 GiB */
  readonly maxUnpackedBytes: number;
  /** The code of one Linkis task, in bytes; beyond it the server's own limits begin. @default 10 MiB */
  readonly maxCodeBytes: number;
  /** Lines of one log. @default 10_000_000 */
  readonly maxLogLines: number;
  /** Result sets of one task. @default 10_000 */
  readonly maxResultSets: number;
  /** Rows of one result set. @default 100_000_000 */
  readonly maxResultRows: number;
  /** One file that a service made: a lineage export, a CSV or Excel file. In bytes. @default 10 GiB */
  readonly maxExportBytes: number;
}

export type LimitName = keyof Limits;

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

/** What holds where `limits` sets nothing. */
export const defaultLimits: Limits = {
  maxFiles: 10_000,
  maxFileBytes: 200 * mebibyte,
  maxZipEntries: 100_000,
  maxUnpackedBytes: gibibyte,
  maxCodeBytes: 10 * mebibyte,
  maxLogLines: 10_000_000,
  maxResultSets: 10_000,
  maxResultRows: 100_000_000,
  maxExportBytes: 10 * gibibyte,
};

/** What a limit may be set to, and what it counts. */
export const limitBounds: { readonly [Name in LimitName]: readonly [unit: string, most: number] } =
  {
    maxFiles: ['files', 1_000_000],
    maxFileBytes: ['bytes', 1024 * gibibyte],
    maxZipEntries: ['entries', 10_000_000],
    maxUnpackedBytes: ['bytes', 1024 * gibibyte],
    // The code of a task is held in memory.
    maxCodeBytes: ['bytes', 256 * mebibyte],
    maxLogLines: ['lines', 1_000_000_000],
    maxResultSets: ['result sets', 1_000_000],
    maxResultRows: ['rows', 1_000_000_000_000],
    maxExportBytes: ['bytes', 1024 * gibibyte],
  };

/** Something is larger than `limits` allows; the message names the limit, its value and the remedy. */
export class LimitError extends Error {
  override readonly name = 'LimitError';
  readonly code = 'Limits.Exceeded';
  /** Of a submit: nothing was sent. */
  readonly sent = 'no';

  /**
   * @param what the thing and its size: `the submission has 12000 files`
   * @param remedy what else to do than to raise the limit
   */
  constructor(
    readonly limit: LimitName,
    readonly allowed: number,
    what: string,
    remedy: string,
  ) {
    super(`${what}, and limits.${limit} allows ${allowed}: ${remedy}, or raise the limit`);
  }
}
