import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Sdk } from './s3-client';

/** How long an aborted upload is cleared away before its caller goes on. */
const clearUpMs = 5_000;
/** The part of it in which a last request may still be answered: then the upload is whole. */
const lastAnswerMs = 2_500;

/**
 * Ends an upload of many parts with its caller's signal. The SDK's upload gives its requests no
 * signal: left to itself it would go on, and make the object appear after its caller was told that
 * there is none.
 *
 * At the abort, parts on their way are cut off, and no new request is begun. The request that makes
 * the object is waited for, then cut off as well; the upload then takes its parts back.
 */
export class EndingUpload {
  /** For the upload, in the client's place. */
  readonly client: S3Client;
  private readonly cutOff = new AbortController();
  private readonly timers: NodeJS.Timeout[] = [];
  private giveUp: (reason: unknown) => void = () => undefined;

  constructor(
    private readonly sdk: S3Sdk,
    client: S3Client,
    private readonly signal: AbortSignal,
  ) {
    const send = async (command: Parameters<S3Client['send']>[0]) => {
      const abortSignal = this.signalOf(command);
      abortSignal?.throwIfAborted();
      return client.send(command, { abortSignal });
    };
    this.client = Object.create(client, { send: { value: send } }) as S3Client;
  }

  /** @throws the signal's reason where the upload hasn't ended some seconds after an abort */
  async orGivenUp(done: Promise<unknown>): Promise<void> {
    const givenUp = new Promise<never>((_, reject) => (this.giveUp = reject));
    const ending = () => this.end();
    if (this.signal.aborted) ending();
    this.signal.addEventListener('abort', ending, { once: true });
    done.catch(() => undefined);
    try {
      await Promise.race([done, givenUp]);
    } finally {
      this.signal.removeEventListener('abort', ending);
      for (const timer of this.timers) clearTimeout(timer);
    }
  }

  private end(): void {
    const reason: unknown = this.signal.reason;
    this.timers.push(
      setTimeout(() => this.cutOff.abort(reason), lastAnswerMs),
      setTimeout(() => this.giveUp(reason), clearUpMs),
    );
  }

  /** What ends a request; undefined where it takes parts back. */
  private signalOf(command: object): AbortSignal | undefined {
    const { s3 } = this.sdk;
    if (command instanceof s3.AbortMultipartUploadCommand) return undefined;
    const isPart = command instanceof s3.UploadPartCommand;
    return isPart || this.signal.aborted ? this.signal : this.cutOff.signal;
  }
}
