/**
 * A client for Gudu SQLFlow, usable without Temporal.
 *
 * @module temporal-remote-jobs/sqlflow
 */
export { SqlFlowClient, type SqlFlowClientOptions, type SqlFlowCallOptions } from './client';
export type { Admission } from '../http/admission';
export type { CallEnd, CallObserver, CallUnderWay, ObservedCall } from '../http/call-observer';
export type { SqlFlowCredential } from './auth';
export type { SqlFlowDatabase, SqlFlowPersistJob, SqlFlowUserJob } from './submission';
export type { ExportStream, SqlFlowExportSettings } from './exports';
export type { SqlFlowJob } from './wire';
export type { SqlFlowJobList, SqlFlowJobSelector } from './wire-list';
export type { SqlFlowJobFilter, SqlFlowJobSelection, SqlFlowListedJob } from './job-selection';
export { knownDbVendors, sqlflowStatus, type SqlFlowStatusKind } from './status';
export { checkedExport, checkExport, type ExportDescription } from './export-check';
export type {
  LineageCsvReport,
  LineageGraphmlReport,
  LineageJsonReport,
  LineageReport,
} from './lineage-report';
export { uploadFile, type UploadFile } from '../http/upload-file';
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
export type { LineageFormat, SqlFlowLineageSettings } from '../../contracts/sqlflow';
