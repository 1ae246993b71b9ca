import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { LocalSqlFlow } from '../../../src/local/sqlflow/local-sqlflow';
import { SqlFlowCaller } from './sqlflow-caller';
import { parseXml } from './xml';

/** The vendor's published examples, word for word but for host, ids, tokens and file paths. */
describe("the vendor's curl examples", () => {
  let sqlflow: LocalSqlFlow;
  let caller: SqlFlowCaller;
  let dir: string;
  let jobId: string;

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'curl-'));
    await writeFile(path.join(dir, '1.sql'), 'create view v as select a from t');
    await writeFile(path.join(dir, '2.sql'), 'insert into o select a from v');
    sqlflow = await LocalSqlFlow.start({ jobDelayMs: 50 });
    caller = new SqlFlowCaller(sqlflow);
  });

  afterAll(async () => {
    await sqlflow.close();
    await rm(dir, { recursive: true });
  });

  /** Runs a command line as it stands in the vendor's page. */
  async function shell(line: string): Promise<string> {
    const command = line
      .replace('https://api.gudusoft.com/gspLive_backend', sqlflow.url)
      .replaceAll('YOUR USER ID HERE', caller.user.userId)
      .replaceAll('YOUR TOKEN HERE', caller.user.token)
      .replace('FIRST FILE PATH', '1.sql')
      .replace('SECOND FILE PATH', '2.sql')
      .replace('c359aef4bd9641d697732422debd8055', jobId)
      .replace('JobId OF FIRST SUBMIT', jobId);
    const { stdout } = await promisify(execFile)('sh', ['-c', `${command} -s`], { cwd: dir });
    return stdout;
  }

  const documented = (status: string) => ({
    jobId: expect.stringMatching(/^[0-9a-f]{32}$/),
    jobName: 'job1',
    userId: 'gudu|0123456789',
    dbVendor: 'dbvmssql',
    dataSource: {},
    fileNames: ['1.sql', '2.sql'],
    createTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    status,
  });

  it('submit a simple job', async () => {
    const reply = JSON.parse(
      await shell(
        'curl -X POST "https://api.gudusoft.com/gspLive_backend/sqlflow/job/submitUserJob" -H "accept:application/json;charset=utf-8" -H "Content-Type:multipart/form-data" -F "userId=YOUR USER ID HERE" -F "token=YOUR TOKEN HERE" -F "sqlfiles=@FIRST FILE PATH" -F "sqlfiles=@SECOND FILE PATH" -F "dbvendor=dbvmssql" -F "jobName=job1"',
      ),
    );
    expect(reply).toEqual({ code: 200, data: documented('create') });
    jobId = reply.data.jobId;
    await caller.ended(jobId);
  });

  it('ask for the status of one job and of all', async () => {
    const one = JSON.parse(
      await shell(
        'curl -X POST "https://api.gudusoft.com/gspLive_backend/sqlflow/job/displayUserJobSummary" -F "jobId=c359aef4bd9641d697732422debd8055" -F "userId=YOUR USER ID HERE" -F "token=YOUR TOKEN HERE"',
      ),
    );
    expect(one).toMatchObject({
      code: 200,
      data: { ...documented('success'), sessionId: expect.stringMatching(/^[0-9a-f]{64}_\d{13}$/) },
    });
    const all = JSON.parse(
      await shell(
        'curl -X POST "https://api.gudusoft.com/gspLive_backend/sqlflow/job/displayUserJobsSummary" -F "userId=YOUR USER ID HERE" -F "token=YOUR TOKEN HERE"',
      ),
    );
    expect(all.data.jobIds).toEqual([jobId]);
  });

  it('export the lineage as JSON, CSV and GraphML', async () => {
    await shell(
      'curl -X POST "https://api.gudusoft.com/gspLive_backend/sqlflow/job/exportLineageAsJson" -F "userId=YOUR USER ID HERE" -F "token=YOUR TOKEN HERE" -F "jobId=c359aef4bd9641d697732422debd8055" --output lineage.json',
    );
    const model = JSON.parse(await readFile(path.join(dir, 'lineage.json'), 'utf8'));
    expect(model.data.sqlflow.relationships).toHaveLength(4);
    await shell(
      'curl -X POST "https://api.gudusoft.com/gspLive_backend/sqlflow/job/exportFullLineageAsCsv" -F "userId=YOUR USER ID HERE" -F "token=YOUR TOKEN HERE" -F "jobId=c359aef4bd9641d697732422debd8055" --output lineage.csv',
    );
    const csv = await readFile(path.join(dir, 'lineage.csv'), 'utf8');
    expect(csv.split('\n')).toHaveLength(4);
    await shell(
      'curl -X POST "https://api.gudusoft.com/gspLive_backend/sqlflow/job/exportLineageAsGraphml" -F "userId=YOUR USER ID HERE" -F "token=YOUR TOKEN HERE" -F "jobId=c359aef4bd9641d697732422debd8055" --output lineage.graphml',
    );
    const graphml = await readFile(path.join(dir, 'lineage.graphml'), 'utf8');
    expect(parseXml(graphml).all('edge')).toHaveLength(4);
  });

  it('submit a regular job, and again with its id', async () => {
    const line =
      'curl -X POST "https://api.gudusoft.com/gspLive_backend/sqlflow/job/submitPersistJob" -H "accept:application/json;charset=utf-8" -H "Content-Type:multipart/form-data" -F "userId=YOUR USER ID HERE" -F "token=YOUR TOKEN HERE" -F "sqlfiles=@FIRST FILE PATH" -F "sqlfiles=@SECOND FILE PATH" -F "dbvendor=dbvmssql" -F "jobName=job1" -F "incremental=true"';
    const first = JSON.parse(await shell(line));
    expect(first).toEqual({ code: 200, data: documented('create') });
    jobId = first.data.jobId;
    await caller.ended(jobId);
    const second = JSON.parse(await shell(`${line} -F "jobId=JobId OF FIRST SUBMIT"`));
    expect(second).toEqual({ code: 200, data: { ...documented('create'), jobId } });
  });
});
