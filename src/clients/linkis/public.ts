/**
 * `temporal-remote-jobs/linkis`: the task API of Apache Linkis, without Temporal.
 *
 * @module temporal-remote-jobs/linkis
 */
export {
  LinkisClient,
  maxTaskIds,
  type LinkisLogQuery,
  type LinkisPageQuery,
  type LinkisSubmitted,
  type LinkisTaskHint,
  type LinkisTaskPage,
  type LinkisTaskStatus,
} from './client';
export type { LinkisCallOptions, LinkisClientOptions } from './connection';
export type { LinkisCredential } from './auth';
export type {
  LinkisColumnQuery,
  LinkisExcelOptions,
  LinkisTaskFilter,
  LinkisWorkbookOptions,
} from './requests';
export { isEndpointAbsent } from './envelope';
export { isTerminalLinkisStatus, linkisStatus, type LinkisStatus } from './status';
export { creatorWarning, defaultCreator, type LinkisSubmission } from './submission';
export { PackedRows } from '../packed-rows';
export type { Admission } from '../http/admission';
export type { CallEnd, CallObserver, CallUnderWay, ObservedCall } from '../http/call-observer';
export { PageMemory } from './page-memory';
export type {
  LinkisColumn,
  LinkisFile,
  LinkisPackedPage,
  LinkisResultPage,
  LinkisRows,
} from './wire-files';
export type { LinkisLogLines } from './whole-log';
export type { LinkisLog, LinkisLogByLevel, LinkisLogPage } from './wire-log';
export type {
  LinkisEngineTask,
  LinkisProgress,
  LinkisYarnApplication,
  LinkisYarnResources,
} from './wire-progress';
export type { LinkisTask } from './wire-task';
export type { LinkisScalar, ResultSetKind } from '../../contracts/linkis';
export {
  HttpError,
  IncompleteError,
  InputError,
  RemoteServiceError,
  TransportError,
  VendorError,
  WireError,
  type CallPhase,
  type RequestSummary,
  type Sent,
  type TransportErrorCode,
  type VendorErrorKind,
} from '../http/errors';
