export type Files = Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>;

/** An answer as it comes: the tests say what must be in it. */
export type Answer = any;

/** Calls a stand-in as plainly as a form does, with one user's token. */
export class SqlFlowCaller {
  constructor(
    private readonly sqlflow: { readonly url: string },
    readonly user: { readonly userId: string; readonly token: string } = {
      userId: 'gudu|0123456789',
      token: 'token',
    },
  ) {}

  async send(endpoint: string, fields: Record<string, string> = {}, files: Files = {}) {
    const body = new FormData();
    for (const [name, value] of Object.entries({ ...this.user, ...fields }))
      body.append(name, value);
    for (const [name, bytes] of Object.entries(files)) {
      body.append('sqlfiles', new Blob([bytes]), name);
    }
    return fetch(`${this.sqlflow.url}/sqlflow/job/${endpoint}`, { method: 'POST', body });
  }

  async text(endpoint: string, fields?: Record<string, string>): Promise<string> {
    return (await this.send(endpoint, fields)).text();
  }

  async json(endpoint: string, fields?: Record<string, string>, files?: Files): Promise<Answer> {
    return (await this.send(endpoint, fields, files)).json();
  }

  /** Submits a simple job and returns its id. */
  async submit(files: Files, fields: Record<string, string> = {}): Promise<string> {
    const given = { jobName: 'job1', dbvendor: 'dbvpostgresql', ...fields };
    const { data } = await this.json('submitUserJob', given, files);
    return data.jobId;
  }

  /** Waits for the job's end and returns its summary. */
  async ended(jobId: string): Promise<Answer> {
    for (;;) {
      const { data } = await this.json('displayUserJobSummary', { jobId });
      if (!['create', 'process'].includes(data.status)) return data;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Submits, waits for the end, and returns the id. */
  async finish(files: Files, fields?: Record<string, string>): Promise<string> {
    const jobId = await this.submit(files, fields);
    await this.ended(jobId);
    return jobId;
  }
}
