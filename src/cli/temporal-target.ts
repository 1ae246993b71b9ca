import { once } from 'node:events';
import { connect } from 'node:net';
import {
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type ConnectionOptions,
} from '@temporalio/client';
import { loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { CliContext } from './context';
import type { DevState } from './dev-state';
import { CommandError, usageError } from './errors';
import { exitCodes } from './exit-codes';

/** The Temporal server that a command talks to, and how it was chosen. */
export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
  readonly options: NativeConnectionOptions;
  /** For a person. */
  readonly chosenBy: string;
}

export interface TemporalFlags {
  readonly address?: string;
  readonly namespace?: string;
}

const defaultAddress = '127.0.0.1:7233';
const connectTimeoutMs = 5_000;
/** gRPC's DEADLINE_EXCEEDED, where the server itself gave up. */
const deadlineExceeded = 4;
/**
 * A busy server lets a question hang for half a minute now and then, and answers the next. Whoever
 * follows a job for hours asks thousands. A repeat is safe: it is the same request, with the same id.
 */
const mostUnanswered = 3;

/**
 * `--address`, else Temporal's own configuration (TEMPORAL_ADDRESS, temporal.toml), else the dev
 * stack that runs in this folder, else Temporal's default address.
 *
 * A loopback `--address` takes no credentials from the environment: they belong to another server.
 */
export function temporalTarget(
  flags: TemporalFlags,
  { env }: Pick<CliContext, 'env'>,
  dev: DevState | undefined,
): TemporalTarget {
  const { address: configured, ...profile } = readProfile(env);
  if (flags.address !== undefined) {
    const bare = isLoopback(flags.address);
    const { connectionOptions, namespace } = toClientOptions(bare ? {} : profile);
    return {
      address: flags.address,
      namespace: flags.namespace ?? namespace ?? 'default',
      options: { ...connectionOptions, address: flags.address },
      chosenBy: 'named by --address',
    };
  }
  if (configured === undefined && dev !== undefined) {
    return {
      address: dev.temporal,
      namespace: flags.namespace ?? dev.namespace,
      options: { address: dev.temporal },
      chosenBy: 'of `remote-jobs dev`',
    };
  }
  const address = configured ?? defaultAddress;
  const { connectionOptions, namespace } = toClientOptions({ ...profile, address });
  return {
    address,
    namespace: flags.namespace ?? namespace ?? 'default',
    options: { ...connectionOptions, address },
    chosenBy: configured === undefined ? 'the default' : 'from TEMPORAL_ADDRESS or temporal.toml',
  };
}

/** @throws CommandError with what to do, where nobody answers there */
export async function connectTemporal({
  address,
  options,
  chosenBy,
}: TemporalTarget): Promise<Connection> {
  const refused = await refusal(address);
  if (refused !== undefined) throw unreachable(address, chosenBy, new Error(refused));
  try {
    return await Connection.connect({
      ...(options as ConnectionOptions),
      connectTimeout: connectTimeoutMs,
      interceptors: [retries()],
      channelArgs: {
        // An answer may hold a whole page of history, and a server that restarted is soon found.
        'grpc.max_receive_message_length': 128 * 2 ** 20,
        'grpc.max_reconnect_backoff_ms': 2000,
      },
    });
  } catch (error) {
    throw unreachable(address, chosenBy, error);
  }
}

/** The SDK's own, which take an unanswered question for an answer. */
function retries(): ReturnType<typeof makeGrpcRetryInterceptor> {
  const usual = defaultGrpcRetryOptions();
  return makeGrpcRetryInterceptor({
    ...usual,
    retryableDecider: (attempt, status) =>
      (status.code as number) === deadlineExceeded
        ? attempt < mostUnanswered
        : usual.retryableDecider(attempt, status),
  });
}

/**
 * Why nobody can be reached there, where the system knows it at once: gRPC would go on trying until
 * its time-out. Through a proxy only gRPC itself can tell.
 */
async function refusal(address: string): Promise<string | undefined> {
  const found = /^([\w.-]+|\[[\da-f:]+\]):(\d+)$/i.exec(address);
  const proxied = ['grpc_proxy', 'https_proxy', 'http_proxy'].some((name) => process.env[name]);
  if (found === null || proxied) return undefined;
  const [, host = '', port] = found;
  const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port: Number(port) });
  socket.setTimeout(connectTimeoutMs);
  try {
    await Promise.race([once(socket, 'connect'), once(socket, 'timeout')]);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ECONNREFUSED') return 'nobody listens there';
    return code === 'ENOTFOUND' ? 'there is no such host' : undefined;
  } finally {
    socket.destroy();
  }
}

function unreachable(address: string, chosenBy: string, error: unknown): CommandError {
  const words = error instanceof Error ? error.message : String(error);
  const reason = /deadline/i.test(words) ? 'nobody answers there' : words;
  return new CommandError(
    exitCodes.unreachable,
    `Temporal can't be reached at ${address} (${chosenBy}): ${reason}. Start a server there, run \`remote-jobs dev\` in another terminal, or name another address with --address.`,
  );
}

function readProfile(env: NodeJS.ProcessEnv): ReturnType<typeof loadClientConfigProfile> {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  try {
    return loadClientConfigProfile({ overrideEnvVars });
  } catch (error) {
    throw usageError(
      `Temporal's configuration can't be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(address);
}
