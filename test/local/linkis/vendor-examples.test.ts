import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { LocalLinkis } from '../../../src/local/linkis/local-linkis';
import { closeAll, rowAtEnd, rowWithStatus, startLinkis } from './support';

/** The requests of the public task-API page, sent with curl. */
let linkis: LocalLinkis;
beforeAll(async () => {
  linkis = await startLinkis();
});
afterAll(closeAll);

async function curl(path: string, ...more: string[]) {
  const { stdout } = await promisify(execFile)('curl', [
    ...['--silent', '--globoff', '-H', 'Token-Code: local-token', '-H', 'Token-User: hadoop'],
    ...more,
    `${linkis.url}/api/rest_j/v1${path}`,
  ]);
  return stdout;
}
const json = async (path: string, ...more: string[]) => JSON.parse(await curl(path, ...more));
const post = (path: string, body: object) =>
  json(path, '-H', 'Content-Type: application/json', '--data', JSON.stringify(body));

const parts = {
  params: {
    variable: { testvar: 'hello' },
    configuration: { runtime: { 'jdbc.url': 'XX' }, startup: { 'spark.executor.cores': '4' } },
  },
  source: { scriptPath: 'file:///tmp/hadoop/test.sql' },
  labels: { engineType: 'spark-2.4.3', userCreator: 'hadoop-IDE' },
};
const submitBody = (code: string) => ({ executionContent: { code, runType: 'sql' }, ...parts });

test('1. submit, 2. status, 3. log, 4. progress and resource, 6. task info', async () => {
  const submitted = await post('/entrance/submit', submitBody('-- local: delay 10m\nshow tables'));
  expect(submitted).toEqual({
    method: '/api/rest_j/v1/entrance/submit',
    status: 0,
    message: 'Request executed successfully',
    data: { execID: expect.stringMatching(/IDE_hadoop_spark_\d+$/), taskID: expect.any(Number) },
  });
  const { execID, taskID } = submitted.data;
  await rowWithStatus(linkis, taskID, 'Running');
  expect(await json(`/entrance/${execID}/status`)).toEqual({
    method: `/api/rest_j/v1/entrance/${execID}/status`,
    status: 0,
    message: 'Get status successful',
    data: { execID, status: 'Running' },
  });
  const log = await json(`/entrance/${execID}/log?fromLine=0&size=3`);
  expect(log).toMatchObject({
    status: 0,
    message: 'Return log information',
    data: { execID, fromLine: 3 },
  });
  expect(log.data.log).toHaveLength(4);
  expect(await json(`/entrance/${execID}/progressWithResource`)).toEqual({
    method: `/api/rest_j/v1/entrance/${execID}/progressWithResource`,
    status: 0,
    message: 'OK',
    data: {
      yarnMetrics: {
        yarnResource: [
          {
            queueMemory: 9663676416,
            queueCores: 6,
            queueInstances: 0,
            jobStatus: 'RUNNING',
            applicationId: expect.stringMatching(/^application_\d+_\d+$/),
            queue: 'default',
          },
        ],
        memoryPercent: 0.009,
        memoryRGB: 'green',
        coreRGB: 'green',
        corePercent: 0.02,
      },
      progress: expect.any(Number),
      progressInfo: [
        { id: expect.any(String), succeedTasks: 0, failedTasks: 0, runningTasks: 1, totalTasks: 1 },
      ],
      execID,
    },
  });
  linkis.endDelays();
  await rowAtEnd(linkis, taskID);
  const info = await json(`/jobhistory/${taskID}/get`);
  const documented = [
    ...['taskID', 'instance', 'execId', 'umUser', 'engineInstance', 'progress', 'logPath'],
    ...['resultLocation', 'status', 'createdTime', 'updatedTime', 'engineType', 'errDesc'],
    ...['executeApplicationName', 'requestApplicationName', 'runType', 'costTime'],
    ...['strongerExecId', 'sourceJson'],
    ...['errCode', 'paramsJson'], // the page calls them errorCode and paramJson; no server does
  ];
  expect(Object.keys(info.data.task)).toEqual(expect.arrayContaining(documented));
});

test('5. kill', async () => {
  const { data } = await post('/entrance/submit', submitBody('-- local: delay 1m\nselect 1'));
  expect(await json(`/entrance/${data.execID}/kill`)).toEqual({
    method: `/api/rest_j/v1/entrance/${data.execID}/kill`,
    status: 0,
    message: 'OK',
    data: { execID: data.execID },
  });
});

test('7. result set info, 8. result content, 9. result by stream', async () => {
  const { data } = await post(
    '/entrance/submit',
    submitBody('select count(1) from range(28); select 2'),
  );
  const { resultLocation } = await rowAtEnd(linkis, data.taskID);
  const tree = await json(`/filesystem/getDirFileTrees?path=${resultLocation}`);
  expect(tree).toMatchObject({
    method: '/api/filesystem/getDirFileTrees',
    status: 0,
    message: 'OK',
  });
  expect(Object.keys(tree.data.dirFileTrees).sort()).toEqual(
    ['name', 'path', 'properties', 'children', 'isLeaf', 'parentPath'].sort(),
  );
  expect(
    await json(`/filesystem/openFile?path=${resultLocation}/_0.dolphin&page=1&pageSize=5000`),
  ).toEqual({
    method: '/api/filesystem/openFile',
    status: 0,
    message: 'OK',
    data: {
      metadata: [{ columnName: 'count(1)', comment: 'NULL', dataType: 'long' }],
      totalPage: 0,
      totalLine: 1,
      page: 1,
      type: '2',
      fileContent: [['28']],
    },
  });
  const csv = `/filesystem/resultsetToExcel?path=${resultLocation}/_0.dolphin&outputFileType=csv&limit=10`;
  expect(await curl(csv)).toBe('count(1)\n28\n');
});

test('10. the 0.x form', async () => {
  const answer = await post('/entrance/execute', {
    executeApplicationName: 'hive',
    requestApplicationName: 'dss',
    executionCode: 'show tables',
    ...parts,
    runType: 'hql',
    source: { scriptPath: 'file:///tmp/hadoop/1.hql' },
  });
  expect(answer).toMatchObject({ method: '/api/rest_j/v1/entrance/execute', status: 0 });
  const row = await rowAtEnd(linkis, answer.data.taskID);
  expect(row).toMatchObject({
    status: 'Succeed',
    engineType: 'spark',
    requestApplicationName: 'IDE',
  });
  const { data } = await post('/entrance/execute', {
    executeApplicationName: 'hive',
    requestApplicationName: 'dss',
    executionCode: 'select 1',
    runType: 'hql',
  });
  expect(data.execID).toMatch(/dss_hadoop_hive_0$/);
});
