import { request } from 'undici';
import type { Bench, Comparison, Side } from './bench';
import { linkisClient, linkisUser, untilEnded } from './linkis-target';
import { inOwnProcess } from './own-process';
import { startService, type RunningService } from './service';
import type { LoadOrder } from './services-side';

type Load = Pick<LoadOrder, 'name' | 'method' | 'paths'> & Partial<LoadOrder>;

/** What each local service can do alone: whoever is measured against it has to stay below. */
export const services: Bench = {
  name: 'services',
  title:
    'What the local services can do alone: one request again and again, eight at a time, by a bare client in another process.',
  async *run(size) {
    const quick = size === 'quick';
    const seconds = quick ? 1 : 5;
    yield await sqlflow('no other jobs', 0, seconds);
    for (const finishedJobs of quick ? [1000] : [1000, 10_000, 110_000]) {
      yield await sqlflow(`beside ${finishedJobs} finished jobs`, finishedJobs, seconds);
    }
    yield await linkisTasks(quick ? 100 : 2000, seconds);
    yield await linkisResults(quick ? 20_000 : 1_000_000, seconds);
    yield await exportsOf(quick ? 5 : 500);
    yield await logOf(quick ? 10_000 : 10_000_000);
  },
};

async function sqlflow(name: string, finishedJobs: number, seconds: number): Promise<Comparison> {
  const service = await startService({ kind: 'sqlflow', jobDelayMs: 0, finishedJobs });
  try {
    const token = await sqlflowToken(service.url);
    const account = `userId=demo&token=${token}`;
    const jobs = `${new URL(service.url).pathname}/sqlflow/job`;
    const { headers, body } = await submitted(token);
    const submit = await sqlflowSubmit(service.url, headers, body);
    const get = `${jobs}/displayUserJobSummary?${account}&jobId=${submit}`;
    const list = `${jobs}/displayUserJobsSummary?${account}`;
    const post = (name: string, path: string, more: Partial<LoadOrder> = {}) =>
      load(service, { name, method: 'POST', paths: [path], seconds, ...more });
    const sides = [
      await post('displayUserJobSummary', get),
      ...(finishedJobs > 0 ? [await post('displayUserJobsSummary', list, { atOnce: 1 })] : []),
      await post('submitUserJob, a comment', `${jobs}/submitUserJob`, { headers, body }),
    ];
    return { case: `SQLFlow, ${name}`, sides };
  } finally {
    await service.close();
  }
}

async function sqlflowToken(url: string): Promise<string> {
  const query = { userId: 'demo', secretKey: 'demo-secret' };
  const { body } = await request(`${url}/user/generateToken`, { method: 'POST', query });
  return ((await body.json()) as { token: string }).token;
}

/** The form of a job whose file holds only a comment. */
async function submitted(token: string, comment = '-- local: delay 100ms') {
  const form = new FormData();
  const fields = { userId: 'demo', token, jobName: 'load', dbvendor: 'dbvpostgresql' };
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('sqlfiles', new Blob([comment]), 'a.sql');
  const sent = new Request('http://localhost', { method: 'POST', body: form });
  const contentType = sent.headers.get('content-type') ?? '';
  return { headers: { 'content-type': contentType }, body: await sent.text() };
}

async function sqlflowSubmit(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<string> {
  const address = `${url}/sqlflow/job/submitUserJob`;
  const reply = await request(address, { method: 'POST', headers, body });
  return ((await reply.body.json()) as { data: { jobId: string } }).data.jobId;
}

const headers = { 'Token-Code': 'local-token', 'Token-User': linkisUser };
const api = '/api/rest_j/v1';

async function linkisTasks(tasks: number, seconds: number): Promise<Comparison> {
  const service = await startService({
    kind: 'linkis',
    maxConcurrentTasks: 10_000,
    behaviour: { queueCapacity: 100_000, finishedRing: 10_000 },
  });
  try {
    const submit = (name: string, code: string, more: Partial<LoadOrder> = {}) =>
      load(service, {
        name,
        method: 'POST',
        paths: [`${api}/entrance/submit`],
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({
          executionContent: { code, runType: 'sql' },
          labels: { engineType: 'spark-2.4.3', userCreator: `${linkisUser}-bench` },
        }),
        seconds,
        ...more,
      });
    const sides = [
      await submit('submit, a setting', '-- local: delay 100ms\nset a = 1'),
      await submit('submit, select 1', '-- local: delay 100ms\nselect 1 as one'),
    ];
    const ids = Array.from({ length: tasks }, (_, index) => index + 1);
    const groups = Array.from({ length: Math.ceil(tasks / 30) }, (_, index) =>
      ids.slice(30 * index, 30 * index + 30).join(','),
    );
    const get = (name: string, paths: string[]) =>
      load(service, { name, method: 'GET', paths, headers, seconds });
    sides.push(
      await get(
        'jobhistory/get',
        ids.map((id) => `${api}/jobhistory/${id}/get`),
      ),
      await get(
        'jobhistory/list-taskids, 30',
        groups.map((group) => `${api}/jobhistory/list-taskids?taskID=${group}`),
      ),
      await get('jobhistory/list, 100 of all', [`${api}/jobhistory/list?pageSize=100`]),
    );
    return { case: 'Linkis', sides };
  } finally {
    await service.close();
  }
}

async function linkisResults(rows: number, seconds: number): Promise<Comparison> {
  const service = await startService({ kind: 'linkis' });
  try {
    const columns = Array.from({ length: 20 }, (_, index) => `i + ${index} as column_${index}`);
    const code = `select ${columns.join(', ')} from range(${rows}) t(i)`;
    const path = encodeURIComponent(await resultFile(service.url, code));
    const pages = Array.from(
      { length: Math.floor(rows / 5000) },
      (_, page) =>
        `${api}/filesystem/openFile?path=${path}&page=${page + 1}&pageSize=5000&nullValue=LINKIS_NULL`,
    );
    const side = await load(service, {
      name: 'openFile, 5,000 rows of 20 columns',
      method: 'GET',
      paths: pages,
      headers,
      seconds,
      atOnce: 4,
    });
    return { case: `Linkis, a result set of ${rows} rows`, sides: [side] };
  } finally {
    await service.close();
  }
}

/** Each export once; what counts is the rate, and that the service's memory stays as it is. */
async function exportsOf(sizeMiB: number): Promise<Comparison> {
  const service = await startService({ kind: 'sqlflow', jobDelayMs: 0 });
  try {
    const token = await sqlflowToken(service.url);
    const { headers, body } = await submitted(token, `-- local: export ${sizeMiB} MB`);
    const jobId = await sqlflowSubmit(service.url, headers, body);
    const jobs = `${new URL(service.url).pathname}/sqlflow/job`;
    const query = `userId=demo&token=${token}&jobId=${jobId}`;
    const endpoints = ['exportFullLineageAsJson', 'exportFullLineageAsCsv'];
    const sides: Side[] = [];
    for (const name of [...endpoints, 'exportLineageAsGraphml']) {
      const paths = [`${jobs}/${name}?${query}`];
      sides.push(await load(service, { name, method: 'POST', paths, ...once }));
    }
    return { case: `SQLFlow, exports of ${sizeMiB} MiB`, sides };
  } finally {
    await service.close();
  }
}

async function logOf(lines: number): Promise<Comparison> {
  const service = await startService({ kind: 'linkis' });
  const client = linkisClient(service.url);
  try {
    const call = { signal, user: linkisUser };
    const task = { code: `-- local: log ${lines} lines\nset a = 1`, engine: 'spark-2.4.3' };
    const { taskId } = await client.submit({ ...task, runType: 'sql' }, call);
    const { logPath } = await untilEnded(client, taskId, 200, signal);
    const paths = [`${api}/filesystem/openLog?path=${encodeURIComponent(logPath ?? '')}`];
    const side = await load(service, { name: 'openLog', method: 'GET', paths, headers, ...once });
    return { case: `Linkis, a log of ${lines} lines`, sides: [side] };
  } finally {
    await client.close();
    await service.close();
  }
}

const once = { seconds: 0, atOnce: 1 };
const { signal } = new AbortController();

/** Where the result set of a task lies. */
async function resultFile(url: string, code: string): Promise<string> {
  const client = linkisClient(url);
  try {
    const call = { signal, user: linkisUser };
    const { taskId } = await client.submit({ code, engine: 'trino-371', runType: 'sql' }, call);
    const { resultLocation, errorMessage } = await untilEnded(client, taskId, 200, signal);
    if (resultLocation === undefined) throw new Error(`the query failed: ${errorMessage}`);
    const [file] = await client.getDirFileTrees(resultLocation, call);
    return file?.path ?? '';
  } finally {
    await client.close();
  }
}

async function load(service: RunningService, more: Load): Promise<Side> {
  const order: LoadOrder = {
    way: 'load',
    url: new URL(service.url).origin,
    headers: {},
    atOnce: 8,
    seconds: 5,
    ...more,
  };
  const before = await service.usage();
  const startedMs = performance.now();
  const side = await inOwnProcess('services-side.js', order);
  const seconds = (performance.now() - startedMs) / 1000;
  const { cpuSeconds, rssMiB } = await service.usage();
  const serviceCpuPercent = ((cpuSeconds - before.cpuSeconds) / seconds) * 100;
  return {
    name: side.name,
    figures: { ...side.figures, serviceCpuPercent, serviceRssMiB: rssMiB },
  };
}
