/**
 * `temporal-remote-jobs/testing`: stand-ins to test one's own workflows against, all on 127.0.0.1.
 * They speak the services' protocols as far as those are known, and are not the services.
 *
 * @module temporal-remote-jobs/testing
 */
export { LocalStack, type LocalStackOptions } from './stack';
export { LocalTemporal, type LocalTemporalOptions } from './temporal/local-temporal';
export { TemporalUnavailableError } from './temporal/find';
export { LocalSqlFlow, type LocalSqlFlowOptions } from './sqlflow/local-sqlflow';
export type { LocalJob } from './sqlflow/jobs';
export type { SqlFlowBehaviour } from './sqlflow/behaviour';
export type { QuotaOptions } from './sqlflow/quota';
export { LocalLinkis, type LocalLinkisOptions } from './linkis/local-linkis';
export type { LocalTask } from './linkis/tasks';
export type { LinkisBehaviour } from './linkis/behaviour';
export { LocalService, type CallRecord } from './http/service';
export { FaultScriptError, type Fault, type FaultScript } from './http/fault';
export { readFaultScript } from './http/faults';
