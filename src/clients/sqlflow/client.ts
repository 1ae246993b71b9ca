import type { CallPriority } from '../http/admission';
import type { FieldValue } from '../http/body';
import { InputError } from '../http/errors';
import type { MultipartPart } from '../http/multipart';
import { HttpTransport, type HttpTransportOptions, type StreamResponse } from '../http/transport';
import type { LineageFormat } from '../../contracts/sqlflow';
import { Renewable } from '../http/renewable';
import { isTokenRefusal, SqlFlowAuth, type SqlFlowCredential } from './auth';
import { readEnvelope, type Envelope } from './envelope';
import {
  readSelection,
  readWholeList,
  type ListReading,
  type SqlFlowJobFilter,
  type SqlFlowJobSelection,
} from './job-selection';
import { openExport, type ExportStream, type SqlFlowExportSettings } from './exports';
import {
  notBlank,
  persistJobParts,
  submissionWarnings,
  userJobParts,
  type SqlFlowPersistJob,
  type SqlFlowUserJob,
} from './submission';
import { readDeletedJob, readJob, readToken, type SqlFlowJob } from './wire';
import { readSelectedJob, type SqlFlowJobList, type SqlFlowJobSelector } from './wire-list';

/** Where a SQLFlow server is, and as whom it is spoken to. */
export interface SqlFlowClientOptions extends Omit<HttpTransportOptions, 'baseUrl'> {
  /** With its prefix: `https://api.gudusoft.com/gspLive_backend`, `http://HOST:8165/api/gspLive_backend`, … */
  readonly url: string;
  /** `google-oauth2|…`, or `gudu|0123456789` on-premise. */
  readonly userId: string;
  readonly credential: SqlFlowCredential;
  /**
   * Reads the credential anew, where the service refuses it, or {@link SqlFlowClient.renewCredential}
   * asks for it. @default there is no other
   */
  readonly readCredential?: () => Promise<SqlFlowCredential>;
  /** Sum of a submit's files, refused before anything is sent; the server's proxy has the same limit. @default 200 MiB */
  readonly maxUploadBytes?: number;
}

/** How one call is sent. */
export interface SqlFlowCallOptions {
  /** Whom the call goes before, and whom it gives way to. @default 'foreground' */
  readonly priority?: CallPriority;
}

export interface SqlFlowSelectOptions extends SqlFlowCallOptions {
  /** An earlier selection: a job whose row is the same as then is the same object. */
  readonly since?: SqlFlowJobSelection;
}

/** The vendor's own proxy waits this long for a submit or an export. */
const longAnswerTimeoutMs = 600_000;

/**
 * Gudu SQLFlow's job API. Every call takes a signal and rethrows its reason. Nothing is retried,
 * with one exception: where the token is refused, which SQLFlow says with HTTP 200 and code 401, it
 * is renewed once for all and the call repeated once.
 *
 * Every method throws InputError before anything is sent; TransportError and HttpError for what
 * lies below the service; VendorError for its refusals; WireError for what can't be read.
 */
export class SqlFlowClient {
  readonly #transport: HttpTransport;
  readonly #auth: Renewable<SqlFlowCredential, SqlFlowAuth>;
  readonly #userId: string;
  readonly #maxUploadBytes: number;
  /** Holds for streams where they are kept; the default is the transport's. */
  readonly #maxBodyBytes: number;
  /** A time-out that the user chose holds for everything. */
  readonly #longHeadersTimeoutMs: number | undefined;

  constructor(options: SqlFlowClientOptions) {
    const { url, userId, credential, readCredential, maxUploadBytes, ...transport } = options;
    this.#userId = notBlank('userId', userId);
    const make = (given: SqlFlowCredential) =>
      new SqlFlowAuth(given, (secretKey, signal) => this.#requestToken(secretKey, signal));
    this.#auth = new Renewable(credential, make, readCredential);
    this.#transport = new HttpTransport({ baseUrl: url, ...transport });
    this.#maxBodyBytes = transport.maxBodyBytes ?? 64 * 1024 * 1024;
    this.#maxUploadBytes = maxUploadBytes ?? 200 * 1024 * 1024;
    this.#longHeadersTimeoutMs =
      transport.headersTimeoutMs === undefined ? longAnswerTimeoutMs : undefined;
  }

  /**
   * Makes a new token, holds it for the calls that follow, and returns it. It is valid for 24 hours
   * by default; calls make one by themselves when they need it.
   *
   * @throws InputError where the credential is a fixed token
   */
  async generateToken(signal: AbortSignal): Promise<string> {
    return this.#auth.send((auth) => auth.generate(signal), isTokenRefusal);
  }

  /**
   * Has the credential read anew; a token that was made of another one is forgotten.
   *
   * @returns whether it is another one
   * @throws what `readCredential` throws; the old one stays
   */
  renewCredential(): Promise<boolean> {
    return this.#auth.renew();
  }

  /** Not idempotent: a repeat makes a second job. After a failure with `sent: 'maybe'`, look for the jobName first. */
  async submitUserJob(job: SqlFlowUserJob, signal: AbortSignal): Promise<SqlFlowJob> {
    const parts = userJobParts(job, this.#maxUploadBytes);
    return this.#submit('submitUserJob', job, parts, signal);
  }

  /**
   * Makes a regular job or, with its jobId, adds to it. Not idempotent. Right after a resubmit the
   * summary may still show the run before: `sessionId` and `lastExecuteTime` tell them apart.
   */
  async submitPersistJob(job: SqlFlowPersistJob, signal: AbortSignal): Promise<SqlFlowJob> {
    const parts = persistJobParts(job, this.#maxUploadBytes);
    return this.#submit('submitPersistJob', job, parts, signal);
  }

  /** @throws VendorError (`notFound`) where the service doesn't know the job */
  async displayUserJobSummary(
    selector: SqlFlowJobSelector,
    signal: AbortSignal,
    options?: SqlFlowCallOptions,
  ): Promise<SqlFlowJob> {
    if ('jobId' in selector) notBlank('jobId', selector.jobId);
    else notBlank('jobName', selector.jobName);
    const envelope = await this.#call('displayUserJobSummary', { ...selector }, signal, options);
    return readSelectedJob(envelope, selector);
  }

  /**
   * Every job of the account in one answer; there is no paging. It is read while it comes, and all
   * jobs are held: for some of them there is {@link selectUserJobs}.
   */
  async displayUserJobsSummary(
    signal: AbortSignal,
    options?: SqlFlowCallOptions,
  ): Promise<SqlFlowJobList> {
    return this.#list(signal, options, readWholeList);
  }

  /**
   * Those jobs of displayUserJobsSummary that a filter wants. The others are passed over while the
   * answer comes, so that an account of 100,000 old jobs costs neither memory nor much time. No
   * limit but on what is kept: `maxBodyBytes` for one job, and for all that isn't jobs.
   *
   * @throws as every call; a row that can't be read is a warning, unless all are such
   */
  async selectUserJobs(
    filter: SqlFlowJobFilter,
    signal: AbortSignal,
    { since, ...options }: SqlFlowSelectOptions = {},
  ): Promise<SqlFlowJobSelection> {
    return this.#list(signal, options, (response, reading) =>
      readSelection(response, filter, since, reading),
    );
  }

  /**
   * The lineage of an ended job as JSON, with the settings' filters. Read its body through
   * `checkedExport`.
   */
  async exportLineageAsJson(
    jobId: string,
    settings: SqlFlowExportSettings,
    signal: AbortSignal,
  ): Promise<ExportStream> {
    return this.#export('exportLineageAsJson', 'json', jobId, { ...settings }, signal);
  }

  /** The whole lineage of an ended job as JSON, whatever its size. */
  async exportFullLineageAsJson(
    jobId: string,
    settings: Pick<SqlFlowExportSettings, 'showRelationType'>,
    signal: AbortSignal,
  ): Promise<ExportStream> {
    const { showRelationType } = settings;
    return this.#export('exportFullLineageAsJson', 'json', jobId, { showRelationType }, signal);
  }

  /**
   * The whole lineage of an ended job as CSV.
   *
   * @throws InputError where the delimiter isn't one character
   */
  async exportFullLineageAsCsv(
    jobId: string,
    settings: Pick<SqlFlowExportSettings, 'tableToTable'> & {
      /** One character. @default ',', by the server */
      readonly delimiter?: string;
    },
    signal: AbortSignal,
  ): Promise<ExportStream> {
    const { tableToTable, delimiter } = settings;
    if (delimiter !== undefined && [...delimiter].length !== 1) {
      throw new InputError('delimiter', `must be one character, not ${JSON.stringify(delimiter)}`);
    }
    const fields = { tableToTable, delimiter };
    return this.#export('exportFullLineageAsCsv', 'csv', jobId, fields, signal, delimiter);
  }

  /** The lineage of an ended job as GraphML, for yEd and the like. */
  async exportLineageAsGraphml(
    jobId: string,
    settings: SqlFlowExportSettings,
    signal: AbortSignal,
  ): Promise<ExportStream> {
    return this.#export('exportLineageAsGraphml', 'graphml', jobId, { ...settings }, signal);
  }

  /**
   * Removes a job; SQLFlow has no kill, and whether this stops a running one isn't documented.
   *
   * @returns the job in status `delete`, with its jobId alone where the service only says 200
   */
  async deleteUserJob(
    jobId: string,
    signal: AbortSignal,
    options?: SqlFlowCallOptions,
  ): Promise<SqlFlowJob> {
    notBlank('jobId', jobId);
    return readDeletedJob(await this.#call('deleteUserJob', { jobId }, signal, options), jobId);
  }

  /** Runs a job again, such as after code 410. */
  async rerunJob(
    job: { readonly jobId: string; readonly jobName: string },
    signal: AbortSignal,
  ): Promise<{ readonly warnings: readonly string[] }> {
    const jobId = notBlank('jobId', job.jobId);
    const jobName = notBlank('jobName', job.jobName);
    const { warnings } = await this.#call('rerunJob', { jobId, jobName }, signal);
    return { warnings };
  }

  /** Calls still under way fail. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  #authorised<T>(
    call: (token: string, secrets: readonly string[]) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    return this.#auth.send(
      (auth) => auth.authorised((token) => call(token, auth.secrets(token)), signal),
      isTokenRefusal,
    );
  }

  async #call(
    endpoint: string,
    fields: Readonly<Record<string, FieldValue>>,
    signal: AbortSignal,
    { priority }: SqlFlowCallOptions = {},
  ): Promise<Envelope> {
    return this.#authorised(async (token, secrets) => {
      const response = await this.#transport.text({
        method: 'POST',
        path: `/sqlflow/job/${endpoint}`,
        body: { form: { userId: this.#userId, token, ...fields } },
        signal,
        priority,
        secrets,
      });
      return readEnvelope(response, secrets);
    }, signal);
  }

  async #list<List>(
    signal: AbortSignal,
    { priority }: SqlFlowCallOptions = {},
    read: (response: StreamResponse, reading: ListReading) => Promise<List>,
  ): Promise<List> {
    return this.#authorised(async (token, secrets) => {
      const response = await this.#transport.stream({
        method: 'POST',
        path: '/sqlflow/job/displayUserJobsSummary',
        body: { form: { userId: this.#userId, token } },
        signal,
        priority,
        secrets,
      });
      return await read(response, { secrets, maxKeptBytes: this.#maxBodyBytes });
    }, signal);
  }

  async #submit(
    endpoint: string,
    job: SqlFlowUserJob | SqlFlowPersistJob,
    parts: readonly MultipartPart[],
    signal: AbortSignal,
  ): Promise<SqlFlowJob> {
    const envelope = await this.#authorised(async (token, own) => {
      const secrets = [...own, job.database?.password ?? ''];
      const response = await this.#transport.text({
        method: 'POST',
        path: `/sqlflow/job/${endpoint}`,
        body: {
          multipart: [
            { name: 'userId', value: this.#userId },
            { name: 'token', value: token },
            ...parts,
          ],
        },
        signal,
        headersTimeoutMs: this.#longHeadersTimeoutMs,
        secrets,
      });
      return readEnvelope(response, secrets);
    }, signal);
    const submitted = readJob(envelope);
    return {
      ...submitted,
      warnings: [...submissionWarnings(job.dbVendor), ...submitted.warnings],
    };
  }

  async #export(
    endpoint: string,
    format: LineageFormat,
    jobId: string,
    fields: Readonly<Record<string, FieldValue>>,
    signal: AbortSignal,
    delimiter?: string,
  ): Promise<ExportStream> {
    notBlank('jobId', jobId);
    return this.#authorised(async (token, secrets) => {
      const response = await this.#transport.stream({
        method: 'POST',
        path: `/sqlflow/job/${endpoint}`,
        body: { form: { userId: this.#userId, token, jobId, ...fields } },
        signal,
        headersTimeoutMs: this.#longHeadersTimeoutMs,
        secrets,
      });
      const asked = { format, jobId, ...(delimiter === undefined ? {} : { delimiter }) };
      return openExport(response, asked, secrets);
    }, signal);
  }

  async #requestToken(secretKey: string, signal: AbortSignal): Promise<string> {
    const secrets = [secretKey];
    const response = await this.#transport.text({
      method: 'POST',
      path: '/user/generateToken',
      body: { form: { userId: this.#userId, secretKey } },
      signal,
      // All other calls wait for it, a kill's too.
      priority: 'urgent',
      secrets,
    });
    return readToken(readEnvelope(response, secrets));
  }
}
