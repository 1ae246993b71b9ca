/** What the vendor doesn't document, or what its servers answer differently: each a choice here. */
export interface SqlFlowBehaviour {
  /** The jobId in the reply to a resubmit of a persist job. @default 'same' */
  readonly resubmitJobId: 'same' | 'new';
  /** Status right after a resubmit. @default 'create' */
  readonly resubmitStatus: 'create' | 'process';
  /** How long a resubmitted job still shows its previous end, in milliseconds. @default 0 */
  readonly staleSuccessMs: number;
  /** Whether a later run of a job gets a `sessionId` of its own. @default 'new' */
  readonly resubmitSession: 'new' | 'same';
  /** Whether a resubmit gives the job its `jobName`, or the job keeps its first one. @default 'keep' */
  readonly resubmitName: 'keep' | 'take';
  /** What a submit with an unknown jobId gets. @default 'error' */
  readonly unknownJobId: 'error' | 'newJob';
  /** What a submit gets while the job runs: `queue` runs it again afterwards. @default 'queue' */
  readonly submitWhileRunning: 'queue' | 'reject';
  /** Lineage of files that an incremental resubmit doesn't send. @default 'keep' */
  readonly unsentFiles: 'keep' | 'drop';
  /**
   * What a file in a zip is known by: its path alone, so that a later zip's file of the same path
   * replaces it; or its zip's name and its path, so that both count. @default 'byPath'
   */
  readonly zipEntries: 'byPath' | 'byUpload';
  /** What a job name gets that the user has given before. @default 'accept' */
  readonly duplicateJobName: 'accept' | 'reject';
  /** Whether a new token voids the user's older ones. @default false */
  readonly newTokenVoidsOlder: boolean;
  /** Shape of displayUserJobSummary: the job itself, or the list shape. @default 'object' */
  readonly summaryShape: 'object' | 'list';
  /** Whether summaries name the newer fields (`version`, `subJobs`, `lastExecuteTime`). @default true */
  readonly newerFields: boolean;
  /** Summaries list at least so many file names a job; what is missing is made up. @default 0 */
  readonly listedFiles: number;
  /** The `code` of an error that has none of its own: unknown job, unfinished job. @default 500 */
  readonly errorCode: number;
  /** How an export tells of `sqlflow.errors`: not at all, as `error` beside code 200, or with 203. @default 'none' */
  readonly warnings: 'none' | 'code200' | 'code203';
  /** `summary` leaves out the relationships, as for too large a lineage. @default 'global' */
  readonly exportMode: 'global' | 'summary';
  /** `dbobjs` as one list, or as the tree of servers. @default 'flat' */
  readonly dbObjects: 'flat' | 'servers';
  /** @default 'relationships' */
  readonly relationsKey: 'relationships' | 'relations';
  /** Where the model lies in the JSON export. @default 'data.sqlflow' */
  readonly modelPlace: 'data.sqlflow' | 'data';
  /** What stands for an unnamed database or schema in CSV and the tree of servers. @default 'DEFAULT' */
  readonly unnamed: 'DEFAULT' | '';
  /** `quoted` spells the last column `effectType` and quotes every value. @default 'plain' */
  readonly csvStyle: 'plain' | 'quoted';
  /** Content type of CSV and GraphML: the declared `application/json`, or their own. @default 'declared' */
  readonly exportContentType: 'declared' | 'own';
}

export const defaultBehaviour: SqlFlowBehaviour = {
  resubmitJobId: 'same',
  resubmitStatus: 'create',
  staleSuccessMs: 0,
  resubmitSession: 'new',
  resubmitName: 'keep',
  unknownJobId: 'error',
  submitWhileRunning: 'queue',
  unsentFiles: 'keep',
  zipEntries: 'byPath',
  duplicateJobName: 'accept',
  newTokenVoidsOlder: false,
  summaryShape: 'object',
  newerFields: true,
  listedFiles: 0,
  errorCode: 500,
  warnings: 'none',
  exportMode: 'global',
  dbObjects: 'flat',
  relationsKey: 'relationships',
  modelPlace: 'data.sqlflow',
  unnamed: 'DEFAULT',
  csvStyle: 'plain',
  exportContentType: 'declared',
};
