import { Client, Connection } from '@temporalio/client';
import { access, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findTemporal } from '../../../src/local/temporal/find';
import { LocalTemporal } from '../../../src/local/temporal/local-temporal';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'local-temporal-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function withClient<T>(
  server: LocalTemporal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await work(new Client({ connection, namespace: server.namespace }));
  } finally {
    await connection.close();
  }
}

test('takes nothing from the environment, registers RemoteJobId, and is gone after close', async () => {
  const config = path.join(folder, '.config', 'temporalio');
  await mkdir(config, { recursive: true });
  await writeFile(path.join(config, 'temporal.toml'), '[profile.default]\naddress = "x:1"\n');
  await writeFile(path.join(config, 'temporal.yaml'), 'env:\n  default:\n    port: "1"\n');
  const server = await LocalTemporal.start({
    namespace: 'jobs',
    environment: {
      ...process.env,
      HOME: folder,
      XDG_CONFIG_HOME: path.join(folder, '.config'),
      XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? path.join(process.env.HOME ?? '', '.cache'),
      TEMPORAL_ADDRESS: 'production.example:7233',
      TEMPORAL_NAMESPACE: 'production',
      TEMPORAL_PORT: '1',
    },
  });
  expect(server.uiUrl).toBeUndefined();
  await withClient(server, async ({ connection }) => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: 'jobs',
    });
    expect(Object.keys(customAttributes)).toContain('RemoteJobId');
  });
  await server.close();
  await expect(
    Connection.connect({ address: server.address, connectTimeout: '1s' }),
  ).rejects.toThrow();
  await server.close();
});

test('keeps its state in a folder over a restart, and shows its UI where one is asked for', async () => {
  const stateDir = path.join(folder, 'state');
  const first = await LocalTemporal.start({ stateDir });
  await withClient(first, (client) =>
    client.workflow.start('nobodyRunsIt', { workflowId: 'kept', taskQueue: 'none' }),
  );
  await first.close();
  expect(await readdir(stateDir)).toContain('temporal.db');
  const second = await LocalTemporal.start({ stateDir, uiPort: 0 });
  const kept = await withClient(second, (client) => client.workflow.getHandle('kept').describe());
  expect(kept.status.name).toBe('RUNNING');
  expect((await fetch(second.uiUrl!)).status).toBe(200);
  await second.close();
});

test('names a port that is taken', async () => {
  const claim = createServer().listen(0, '127.0.0.1');
  await once(claim, 'listening');
  const { port } = claim.address() as AddressInfo;
  await expect(LocalTemporal.start({ port })).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
  claim.close();
});

test('a server that does not start fails with its last words', async () => {
  const stateDir = path.join(folder, 'state');
  await mkdir(path.join(stateDir, 'temporal.db'), { recursive: true });
  await expect(LocalTemporal.start({ stateDir })).rejects.toThrow(
    /doesn't start: it ended with code [1-9].*database/s,
  );
});

test('a server whose free port was taken in the meantime is started again', async () => {
  const real = await findTemporal({ environment: process.env, log: () => undefined });
  const fake = path.join(folder, 'temporal');
  const failed = path.join(folder, 'failed-once');
  await writeFile(
    fake,
    `#!/bin/sh
if [ "$1" = server ] && [ ! -e '${failed}' ]; then
  touch '${failed}'
  echo 'listen tcp 127.0.0.1:33283: bind: address already in use' >&2
  exit 1
fi
exec '${real.path}' "$@"
`,
    { mode: 0o755 },
  );
  const server = await LocalTemporal.start({
    environment: { ...process.env, TEMPORAL_CLI_PATH: fake },
  });
  try {
    const found = await withClient(server, (client) => client.workflow.count());
    expect(found.count).toBe(0);
    await access(failed);
  } finally {
    await server.close();
  }
});
