// Runs jobs through the encrypting worker and shows what Temporal's server gets to see of them.
const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const { once } = require('node:events');
const { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { Client, Connection } = require('@temporalio/client');
const { awaitOutcome, describeJob, startJob } = require('temporal-remote-jobs');
const { LocalStack } = require('temporal-remote-jobs/testing');

/** Stands in the SQL, in its result and in its failure; nobody without the key may find it. */
const canary = `canary_${randomBytes(8).toString('hex')}`;
const taskQueue = 'encrypted';
const spark = { engine: 'spark-2.4.3', runType: 'sql' };

const folder = mkdtempSync(path.join(tmpdir(), 'encryption-example-'));
const stateDir = path.join(folder, 'state');
const keysFile = path.join(folder, 'payload.keys');
process.env.PAYLOAD_KEYS_FILE = keysFile;
writeFileSync(keysFile, `first ${randomBytes(32).toString('base64')}\n`);

async function until(condition) {
  const endMs = Date.now() + 120_000;
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error(`waited in vain for ${condition}`);
    await sleep(100);
  }
}

/** Every payload in a value, by the path that leads to it. */
function payloadsIn(value, at = '') {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  if (value.metadata?.encoding)
    return [{ at, encoding: Buffer.from(value.metadata.encoding).toString() }];
  return Object.entries(value).flatMap(([key, inner]) => payloadsIn(inner, `${at}.${key}`));
}

/** What stands readable: in each payload's data, names and other fields too. */
function holdsCanary(folderOrFile) {
  return readdirSync(folderOrFile, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => readFileSync(file).includes(canary));
}

async function runJobs(address, client) {
  const start = (code) => startJob(client, 'linkisTask', { ...spark, code }, { taskQueue });
  const ended = async ({ workflowId }) => awaitOutcome(client, workflowId);

  const done = await start(`select '${canary}' as word`);
  const failed = await start(`select * from ${canary}`);
  const cancelled = await start(`-- local: delay 120s\nselect '${canary}'`);

  assert.equal((await ended(done)).kind, 'succeeded');
  const failure = await ended(failed);
  assert.equal(failure.kind, 'failed');
  assert.ok(failure.message.includes(canary), "a client with the key reads the service's words");
  // Progress comes from heartbeat details, which the codec goes through as well.
  await until(async () => {
    const { job, progress } = await describeJob(client, cancelled.workflowId);
    return progress?.status === 'Running' && job?.vendor === 'linkis';
  });
  await client.workflow.getHandle(cancelled.workflowId).cancel();
  const cancelledAs = await ended(cancelled);
  assert.equal(cancelledAs.kind, 'cancelled');
  assert.equal(cancelledAs.kill?.outcome, 'confirmed');
  console.log('Jobs end, fail, show their progress and are killed as without a codec.');
  return [done, failed, cancelled].map(({ workflowId }) => workflowId);
}

/** What everybody sees who may ask the server, but has no key. */
async function lookWithoutKey(connection, workflowIds) {
  const { workflowService } = connection;
  const readable = new Set();
  for (const workflowId of workflowIds) {
    const asked = { namespace: 'default', execution: { workflowId } };
    const history = await workflowService.getWorkflowExecutionHistory(asked);
    const described = await workflowService.describeWorkflowExecution(asked);
    const bytes = JSON.stringify([history, described], (_, inner) =>
      inner?.type === 'Buffer' ? Buffer.from(inner.data).toString('latin1') : inner,
    );
    assert.ok(!bytes.includes(canary), `the history of ${workflowId} can be read`);
    for (const { at, encoding } of payloadsIn({ history, described })) {
      if (encoding !== 'binary/encrypted')
        readable.add(at.replace(/^.*searchAttributes\./, 'searchAttributes.'));
    }
  }
  for (const at of readable) assert.match(at, /^searchAttributes\./, `${at} is not encrypted`);
  console.log(
    `Without the key, of all payloads only these can be read: ${[...readable].join(', ')}`,
  );
}

function remoteJobs(address, ...args) {
  const cli = path.join(
    path.dirname(require.resolve('temporal-remote-jobs/package.json')),
    'dist/src/cli/main.js',
  );
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [cli, ...args, '--address', address],
    {
      encoding: 'utf8',
      cwd: folder,
      timeout: 60_000,
    },
  );
  return { status, text: `${stdout}${stderr}` };
}

async function main() {
  const stack = await LocalStack.start({ stateDir, temporal: { log: console.log } });
  const { address } = stack.temporal;
  const worker = spawn(process.execPath, [path.join(__dirname, 'lib/worker.js')], {
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: address,
      LINKIS_URL: stack.linkis.url,
      LINKIS_PASSWORD: 'hadoop',
      ARTIFACTS_FOLDER: path.join(folder, 'artifacts'),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const workerEnded = once(worker, 'close');
  const connection = await Connection.connect({ address });
  try {
    const { encryptingDataConverter } = require('./lib/data-converter');
    const client = new Client({ connection, dataConverter: encryptingDataConverter() });
    const workflowIds = await Promise.race([
      runJobs(address, client),
      workerEnded.then(([code]) => assert.fail(`the worker ended with exit code ${code}`)),
    ]);
    await lookWithoutKey(connection, workflowIds);
    const shown = remoteJobs(address, 'show', workflowIds[1]);
    assert.ok(!shown.text.includes(canary), 'the CLI, which has no key, shows the SQL');
    console.log(
      `"remote-jobs show" without the key (exit code ${shown.status}):\n${shown.text.trim()}`,
    );

    worker.kill('SIGTERM');
    assert.equal((await workerEnded)[0], 0, 'the worker did not end cleanly');
  } finally {
    worker.kill('SIGKILL');
    await connection.close();
    await stack.close();
  }
  const databases = holdsCanary(path.join(stateDir, 'temporal'));
  assert.deepEqual(databases, [], "the SQL stands in Temporal's database");
  assert.notDeepEqual(
    holdsCanary(path.join(stateDir, 'linkis')),
    [],
    'the search finds nothing at all',
  );
  console.log("The server's database holds nothing of the SQL.\nThe example works.");
}

main()
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => rmSync(folder, { recursive: true, force: true }));
