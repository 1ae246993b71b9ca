import {
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { CommanderError } from 'commander';
import { ArtifactError } from '../artifacts/errors';
import { StagingError } from '../artifacts/staging';
import { InputError, RemoteServiceError, VendorError } from '../clients/http/errors';
import { ConfigurationError } from '../config/errors';
import { shellWord } from '../contracts/words';
import { LineageError } from '../lineage/errors';
import { ExpressionError } from '../pipeline-files/render-body';
import { ApprovalError } from '../starter/approvals';
import { PipelineRetryError } from '../starter/pipeline-retry';
import { InvalidInputError } from '../starter/start';
import { exitCodes, type ExitCode } from './exit-codes';

/** A command can't go on; the message is the one sentence for the user. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message);
  }
}

/** What ended a command that talks in events of a JSON log; it is told as the last of them. */
export class LoggedError extends CommandError {
  constructor(override readonly cause: unknown) {
    const { exitCode, message } = explain(cause);
    super(exitCode, message);
  }
}

/** Wrong usage or invalid input; nothing was started. */
export function usageError(message: string): CommandError {
  return new CommandError(exitCodes.usage, message);
}

export interface Explanation {
  /** A clear sentence, or a line for each mistake. */
  readonly message: string;
  readonly exitCode: ExitCode;
}

const temporalCodes: Readonly<Record<number, string>> = {
  4: 'it did not answer in time',
  7: 'it refused the permission',
  8: 'it is busy or out of resources',
  14: 'it is not there',
  16: 'it refused the credentials',
};

/** What an error means for the user and for the exit code. */
export function explain(error: unknown): Explanation {
  if (error instanceof CommandError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CommanderError) {
    return { message: message.replace(/^error: /, ''), exitCode: exitCodes.usage };
  }
  if (error instanceof InvalidInputError) {
    const lines = error.mistakes.map(({ field, problem }) => `${field} ${problem}.`);
    return { message: lines.join('\n       '), exitCode: exitCodes.usage };
  }
  if (error instanceof WorkflowExecutionAlreadyStartedError) {
    return {
      message: `A job with the id ${error.workflowId} is running already: choose another --id, or follow it with \`remote-jobs watch ${shellWord(error.workflowId)}\`.`,
      exitCode: exitCodes.usage,
    };
  }
  if (error instanceof WorkflowNotFoundError) {
    return {
      message: `There is no job ${error.workflowId}: \`remote-jobs list\` shows the ids.`,
      exitCode: exitCodes.usage,
    };
  }
  if (isTemporalTrouble(error))
    return { message: temporalWords(error), exitCode: exitCodes.unreachable };
  if (error instanceof RemoteServiceError) {
    const wrongInput =
      error instanceof InputError || (error instanceof VendorError && error.kind !== 'server');
    return { message, exitCode: wrongInput ? exitCodes.usage : exitCodes.unreachable };
  }
  if (error instanceof ArtifactError && error.code === 'Artifacts.Unreachable') {
    return { message, exitCode: exitCodes.unreachable };
  }
  if (
    error instanceof StagingError ||
    error instanceof PipelineRetryError ||
    error instanceof ExpressionError ||
    error instanceof ConfigurationError ||
    error instanceof ArtifactError ||
    error instanceof LineageError
  ) {
    return { message, exitCode: exitCodes.usage };
  }
  if (error instanceof ApprovalError) {
    const isUnanswered = error.code === 'unanswered';
    return { message, exitCode: isUnanswered ? exitCodes.unreachable : exitCodes.usage };
  }
  const encoding = /^Unknown encoding: (.+)$/.exec(message)?.[1];
  if (encoding !== undefined) {
    return {
      message: `This job's data is encoded as ${encoding} by the application's own payload codec, which the command line doesn't have: look at it with the application's client.`,
      exitCode: exitCodes.usage,
    };
  }
  const known = byName[error instanceof Error ? error.name : ''];
  if (known === undefined) return { message, exitCode: exitCodes.jobFailed };
  // The starter's errors are written to stand behind a colon.
  const isSentence = /[.?!]$/.test(message);
  const words = message.charAt(0).toUpperCase() + message.slice(1);
  return { message: isSentence ? words : `${words}.`, exitCode: known };
}

/** Errors of parts that are loaded only by the commands that need them. */
const byName: Readonly<Record<string, ExitCode>> = {
  TransportError: exitCodes.unreachable,
  TemporalUnavailableError: exitCodes.unreachable,
  FaultScriptError: exitCodes.usage,
  ChainNotFoundError: exitCodes.usage,
  ChainRefusedError: exitCodes.usage,
  ChainUnansweredError: exitCodes.unreachable,
  ScheduleExistsError: exitCodes.usage,
  ScheduleUnknownError: exitCodes.usage,
};

function isTemporalTrouble(error: unknown): error is Error {
  if (error instanceof ServiceError) return true;
  if (!(error instanceof Error)) return false;
  // Connection.connect throws a bare Error for a deadline, and grpc's own ones come bare too.
  return (
    isGrpcServiceError(error) || error.message.startsWith('Failed to connect before the deadline')
  );
}

function temporalWords(error: Error): string {
  const cause = error instanceof ServiceError ? error.cause : error;
  const code: number | undefined = isGrpcServiceError(cause) ? cause.code : undefined;
  if (code === 5) return `Temporal doesn't know it: ${detailsOf(cause)}.`;
  const reason = (code === undefined ? undefined : temporalCodes[code]) ?? detailsOf(cause);
  return `Temporal can't be asked: ${reason}.`;
}

function detailsOf(error: unknown): string {
  if (isGrpcServiceError(error)) return error.details;
  return error instanceof Error ? error.message : String(error);
}
