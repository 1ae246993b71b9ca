import { buffer, text } from 'node:stream/consumers';
import type { LinkisClient } from '../../src/clients/linkis/public';
import type { ExportStream, SqlFlowClient } from '../../src/clients/sqlflow/public';
import type { LocalService } from '../../src/local/http/service';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import {
  call,
  closeClients,
  endedJob,
  file,
  linkisClient,
  ranTask,
  rowWhen,
  signal,
  spark,
  sqlflowClient,
} from './support';

let sqlflow: LocalSqlFlow;
let linkis: LocalLinkis;

beforeAll(async () => {
  [sqlflow, linkis] = await Promise.all([LocalSqlFlow.start(), LocalLinkis.start()]);
});
afterAll(async () => {
  await closeClients();
  await Promise.all([sqlflow.close(), linkis.close()]);
});

/** The endpoints of a stand-in whose calls were all answered with HTTP 200. */
function answered({ calls }: LocalService): Set<string> {
  const failed = calls.filter(({ status }) => status !== 200).map(({ endpoint }) => endpoint);
  return new Set(calls.map(({ endpoint }) => endpoint).filter((name) => !failed.includes(name)));
}

test('every method of the SQLFlow client is granted by an endpoint of its own', async () => {
  const client = sqlflowClient(sqlflow);
  const job = { jobName: 'all', dbVendor: 'dbvhive', files: [file('a.sql', 'select a from b')] };
  const { jobId, jobName } = await client.submitUserJob(job, signal);
  await endedJob(client, jobId);
  const whole = async (exported: Promise<ExportStream>) => text((await exported).body);
  // A method that is forgotten here doesn't compile.
  const methods: Record<
    Exclude<keyof SqlFlowClient, 'close' | 'selectUserJobs' | 'renewCredential'>,
    () => Promise<unknown>
  > = {
    generateToken: () => client.generateToken(signal),
    submitUserJob: () => client.submitUserJob(job, signal),
    submitPersistJob: () => client.submitPersistJob(job, signal),
    displayUserJobSummary: () => client.displayUserJobSummary({ jobId }, signal),
    displayUserJobsSummary: () => client.displayUserJobsSummary(signal),
    exportLineageAsJson: () => whole(client.exportLineageAsJson(jobId, {}, signal)),
    exportFullLineageAsJson: () => whole(client.exportFullLineageAsJson(jobId, {}, signal)),
    exportFullLineageAsCsv: () => whole(client.exportFullLineageAsCsv(jobId, {}, signal)),
    exportLineageAsGraphml: () => whole(client.exportLineageAsGraphml(jobId, {}, signal)),
    rerunJob: () => client.rerunJob({ jobId, jobName }, signal),
    deleteUserJob: () => client.deleteUserJob(jobId, signal),
  };
  for (const method of Object.values(methods)) await method();
  expect(answered(sqlflow.service)).toEqual(new Set(Object.keys(methods)));
});

/** What the stand-in has beyond the clients: older servers', schedules, the order of the queue. */
const sqlflowOnly = [
  'exportLineageAsCsv',
  'setJobOnTop',
  'listScheduleJobs',
  'pauseScheduleJob',
  'resumeScheduleJob',
  'updateScheduleJob',
];

test('every method of the Linkis client is granted by an endpoint of its own', async () => {
  const client = linkisClient(linkis, { credential: { password: 'hadoop' } });
  const { execId, taskId, row } = await ranTask(client, 'select 1 as n');
  const long = await client.submit({ ...spark, code: '-- local: delay 60s\nselect 1' }, call);
  await rowWhen(client, long.taskId, ({ status }) => status === 'Running');
  const { resultLocation = '', logPath = '' } = row;
  const result = `${resultLocation}/_0.dolphin`;
  const methods: Record<
    Exclude<keyof LinkisClient, 'close' | 'renewCredential'>,
    readonly [endpoint: string, run: () => Promise<unknown>]
  > = {
    login: ['login', () => client.login(signal)],
    submit: ['submit', () => client.submit({ ...spark, code: 'select 1' }, call)],
    execute: ['execute', () => client.execute({ ...spark, code: 'select 1' }, call)],
    status: ['status', () => client.status(execId, { taskId }, call)],
    log: ['log', () => client.log(execId, { fromLine: 0 }, call)],
    progress: ['progress', () => client.progress(execId, call)],
    progressWithResource: ['progressWithResource', () => client.progressWithResource(execId, call)],
    kill: ['kill', () => client.kill(long.execId, { taskId: long.taskId }, call)],
    getTask: ['jobhistory/get', () => client.getTask(taskId, call)],
    listTasks: ['jobhistory/list', () => client.listTasks({}, call)],
    listTaskIds: ['jobhistory/list-taskids', () => client.listTaskIds([taskId], call)],
    getDirFileTrees: ['getDirFileTrees', () => client.getDirFileTrees(resultLocation, call)],
    openFile: ['openFile', () => client.openFile(result, {}, call)],
    openPacked: ['openFile', () => client.openPacked(result, {}, call)],
    openLog: ['openLog', () => client.openLog(logPath, call)],
    readLog: ['openLog', async () => (await client.readLog(logPath, call)).close()],
    resultsetToExcel: [
      'resultsetToExcel',
      async () => buffer(await client.resultsetToExcel(result, { type: 'xlsx' }, call)),
    ],
    resultsetsToExcel: [
      'resultsetsToExcel',
      async () => buffer(await client.resultsetsToExcel(resultLocation, {}, call)),
    ],
  };
  const all = Object.values(methods);
  for (const [, run] of all) await run();
  expect(answered(linkis.service)).toEqual(new Set(all.map(([endpoint]) => endpoint)));
});

/** `killJobs` is for many at once; `userInfo` tells who is logged in. */
const linkisOnly = ['killJobs', 'userInfo'];

test('no endpoint of the stand-ins was left out but those that no client has', () => {
  const left = (service: LocalService) => {
    const seen = answered(service);
    return service.endpoints.filter((name) => !seen.has(name)).sort();
  };
  expect(left(sqlflow.service)).toEqual(sqlflowOnly.toSorted());
  expect(left(linkis.service)).toEqual(linkisOnly.toSorted());
});
