/**
 * Every failure type that this package raises, as `Domain.Reason`. They are what a caller matches
 * on (`ApplicationFailure.type`) and what retry policies name.
 */
export const failureTypes = {
  /** The input is wrong; nothing was sent. Not retried. */
  invalidInput: 'RemoteJob.InvalidInput',
  /** The worker's configuration lacks what the input names (a connection, a secret). Not retried. */
  configuration: 'RemoteJob.Configuration',
  /** The worker's own `beforeSubmit` refused the submission, in its words; nothing was sent. Not retried. */
  refusedByPolicy: 'RemoteJob.RefusedByPolicy',
  /** The service ended the job as failed; its own words are in the message. Not retried. */
  failed: 'RemoteJob.Failed',
  /** Somebody else ended the job on the service. Not retried. */
  cancelledRemotely: 'RemoteJob.CancelledRemotely',
  /** The job didn't end within its `timeoutMs`; the kill report is in the details. */
  deadlineExceeded: 'RemoteJob.DeadlineExceeded',
  /** The service doesn't know the job (any more). Not retried. */
  notFound: 'RemoteJob.NotFound',
  /**
   * No entrance of the service works on the job any more, though its record says that it runs; the
   * message has the evidence, the details the report of the kill. Not retried.
   */
  lost: 'RemoteJob.Lost',
  /** A submit may or may not have taken effect, and it could not be found out. */
  submitOutcomeUnknown: 'RemoteJob.SubmitOutcomeUnknown',
  /** A result, an export or a log arrived cut short or is withheld. Not retried. */
  incompleteResult: 'RemoteJob.IncompleteResult',
  /** A value is too large for Temporal's history, or beyond one of the configured `limits`. Not retried. */
  tooLarge: 'RemoteJob.TooLarge',
  /** The artifact store has no space left. Retried. */
  storeFull: 'Artifacts.Full',
  /** Two attempts kept the same log at once. Retried a few times. */
  logGap: 'Artifacts.LogGap',
  /** The waiting activity hands its job over to another worker. Retried at once. */
  handedOver: 'RemoteJob.HandedOver',
  /** The service refused the credentials. Not retried. */
  notLoggedIn: 'Service.NotLoggedIn',
  /** Licence, quota of the plan, or no permission. Not retried. */
  refused: 'Service.Refused',
  /** The service is busy or limits the rate. Retried. */
  busy: 'Service.Busy',
  /** The service can't be reached, or broke the connection. Retried. */
  unreachable: 'Service.Unreachable',
  /** The service answered something this package can't read. Retried a few times. */
  unexpectedAnswer: 'Service.UnexpectedAnswer',
  /** A refresh's gate closed: what it found is in its revision's folder; the latest revision stays. Not retried. */
  gateClosed: 'Chain.GateClosed',
  /** A chain can't do what it is asked for as it stands; the message says why, and the remedy. Not retried. */
  chainRefused: 'Chain.Refused',
  /** As many refreshes as a chain lets wait were waiting. Nothing was sent. */
  chainQueueFull: 'Chain.QueueFull',
  /** The workflow of the chain, or that of the refresh, was ended from outside. */
  chainEnded: 'Chain.Ended',
  /** Somebody cancelled the refresh at the chain, not its request. */
  refreshCancelled: 'Chain.RefreshCancelled',
  /** A refresh of this id has run, and the chain no longer remembers how it ended. It isn't run again. */
  chainRanBefore: 'Chain.RanBefore',
  /** Somebody refused what a closed gate asked to approve. Not retried. */
  approvalRefused: 'Chain.ApprovalRefused',
  /** Nobody answered in time what a closed gate asked to approve. Not retried. */
  approvalTimedOut: 'Chain.ApprovalTimedOut',
  /** Steps of a pipeline failed, or were cancelled one by one; the others came to their end. Not retried. */
  pipelineFailed: 'Pipeline.Failed',
  /** Temporal could not be asked whose a remote job is, so none was judged. Retried a few times. */
  temporalUnavailable: 'Temporal.Unavailable',
  /** The service said no, in its own words. Not retried. */
  rejected: 'Service.Rejected',
} as const;

/** One of {@link failureTypes}. */
export type FailureType = (typeof failureTypes)[keyof typeof failureTypes];
