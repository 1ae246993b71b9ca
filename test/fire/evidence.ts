import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A job or task as the service itself holds it, asked without any of our own clients. */
export interface RemoteJob {
  readonly id: string;
  readonly status: string;
  readonly ended: boolean;
  /** Runs of a persist job. */
  readonly runs: number;
  readonly logPath?: string;
}

const linkisHeaders = { 'Token-Code': 'local-token', 'Token-User': 'hadoop' };
const linkisEnds = ['Succeed', 'Failed', 'Cancelled', 'Timeout'];
const sqlflowEnds = ['success', 'partial_success', 'fail'];

/** Every task that Linkis ever took, with its code: a forced kill wipes the source, never the code. */
export async function linkisTasks(url: string): Promise<Map<string, RemoteJob[]>> {
  const answer = await linkis(url, 'jobhistory/list?pageSize=0');
  return byMarker(
    (answer.data.tasks as any[]).map((row) => [
      row.executionCode,
      {
        id: String(row.taskID),
        status: row.status,
        ended: linkisEnds.includes(row.status),
        runs: 1,
        logPath: row.logPath ?? undefined,
      },
    ]),
  );
}

/** Every job in the SQLFlow account. */
export async function sqlflowJobs(url: string): Promise<Map<string, RemoteJob[]>> {
  const { data } = await sqlflow(url, 'displayUserJobsSummary');
  return byMarker(
    (data.jobDetails as any[]).map((job) => [
      job.jobName,
      {
        id: job.jobId,
        status: job.status,
        ended: sqlflowEnds.includes(job.status),
        runs: job.subJobs.length,
      },
    ]),
  );
}

/** The log as Linkis keeps it: all lines, levels mixed. */
export async function linkisLog(url: string, logPath: string): Promise<string[]> {
  const answer = await linkis(url, `filesystem/openLog?path=${encodeURIComponent(logPath)}`);
  return (answer.data.log[3] as string).split('\n');
}

/** A persist job that is there already, with one run behind it. */
export async function newPersistJob(url: string, jobName: string, sql: string): Promise<string> {
  const form = { jobName, dbvendor: 'dbvhive', incremental: 'true' };
  const { data } = await sqlflow(url, 'submitPersistJob', form, sql);
  for (;;) {
    const { data: job } = await sqlflow(url, 'displayUserJobSummary', { jobId: data.jobId });
    if (sqlflowEnds.includes(job.status)) return data.jobId as string;
    await sleep(100);
  }
}

/** `fire-7` of a job's name or code; what bears none is nobody's. */
function byMarker(found: (readonly [string, RemoteJob])[]): Map<string, RemoteJob[]> {
  const jobs = new Map<string, RemoteJob[]>();
  for (const [text, job] of found) {
    const marker = /\bfire-\d+\b/.exec(text)?.[0];
    if (marker !== undefined) jobs.set(marker, [...(jobs.get(marker) ?? []), job]);
  }
  return jobs;
}

async function linkis(url: string, path: string): Promise<any> {
  const answer = await fetch(`${url}/api/rest_j/v1/${path}`, { headers: linkisHeaders });
  const body: any = await answer.json();
  if (body.status !== 0) throw new Error(`Linkis refused the test itself: ${body.message}`);
  return body;
}

async function sqlflow(
  url: string,
  endpoint: string,
  fields: Record<string, string> = {},
  sql?: string,
): Promise<any> {
  const issued = await post(`${url}/user/generateToken`, {
    userId: 'demo',
    secretKey: 'demo-secret',
  });
  const all = { userId: 'demo', token: issued.token, ...fields };
  const body = await post(`${url}/sqlflow/job/${endpoint}`, all, sql);
  if (body.code !== 200) throw new Error(`SQLFlow refused the test itself: ${body.error}`);
  return body;
}

async function post(url: string, fields: Record<string, string>, sql?: string): Promise<any> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  if (sql !== undefined) form.set('sqlfiles', new Blob([sql]), 'first.sql');
  return (await fetch(url, { method: 'POST', body: form })).json();
}

/** Tokens that SQLFlow has handed out and that are good still. */
export async function sqlflowTokens(stateDir: string): Promise<string[]> {
  const text = await readFile(`${stateDir}/tokens.json`, 'utf8').catch(() => '[]');
  return (JSON.parse(text) as [string, unknown][]).map(([token]) => token);
}
