import type { JsonReply } from '../http/exchange';
import type { Accounts } from './accounts';
import type { SqlFlowBehaviour } from './behaviour';
import { refused } from './envelope';
import type { JobStore } from './job-store';
import type { Runner } from './runner';

/** What the endpoints share. */
export class Service {
  constructor(
    readonly accounts: Accounts,
    readonly store: JobStore,
    readonly runner: Runner,
    readonly behaviour: SqlFlowBehaviour,
  ) {}

  /** What every endpoint says of a job that isn't there, or isn't the user's. */
  readonly unknownJob = (): JsonReply =>
    refused(this.behaviour.errorCode, 'The job does not exist.');
}
