import { Connection } from '@temporalio/client';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FaultScriptError, LocalStack } from '../../src/local/public';
import { until } from '../support/until';

const answers = async (url: string) => {
  try {
    return (await fetch(url, { method: 'POST' })).status > 0;
  } catch {
    return false;
  }
};

test('starts all three, keeps the state of each in a folder of its own, and closes all', async () => {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'local-stack-'));
  const stack = await LocalStack.start({ stateDir });
  const { temporal, sqlflow, linkis } = stack;
  const connection = await Connection.connect({ address: temporal.address });
  await connection.close();
  expect(await answers(`${sqlflow.url}/sqlflow/job/displayUserJobsSummary`)).toBe(true);
  expect(await answers(`${linkis.url}/api/rest_j/v1/user/login`)).toBe(true);
  expect((await readdir(stateDir)).sort()).toEqual(['linkis', 'sqlflow', 'temporal']);
  await stack.close();
  expect(await answers(sqlflow.url)).toBe(false);
  expect(await answers(linkis.url)).toBe(false);
  await rm(stateDir, { recursive: true });
});

test('leaves nothing running when one of them does not start', async () => {
  const listening = () =>
    process.getActiveResourcesInfo().filter((name) => /TCPServerWrap|ProcessWrap/.test(name));
  const before = listening();
  const start = LocalStack.start({
    linkis: { faults: { faults: [{ endpoint: 'nothing', do: 'drop' }] } },
  });
  await expect(start).rejects.toThrow(FaultScriptError);
  await until(async () => listening().length === before.length);
});
