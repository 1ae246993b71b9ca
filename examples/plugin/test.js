// Runs the example against stand-ins of both services and a Temporal server of its own.
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdtemp, readdir, rm } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { LocalStack } = require('temporal-remote-jobs/testing');

/** One of the example's programs, at most two minutes of it; its output is shown and kept. */
function run(script, env) {
  const child = spawn(process.execPath, [path.join(__dirname, 'lib', script)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    output += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, output }));
  return { child, ended };
}

async function main() {
  const artifacts = await mkdtemp(path.join(tmpdir(), 'plugin-example-'));
  const stack = await LocalStack.start({ temporal: { log: console.log } });
  const env = {
    TEMPORAL_ADDRESS: stack.temporal.address,
    SQLFLOW_URL: stack.sqlflow.url,
    SQLFLOW_SECRET_KEY: 'demo-secret',
    LINKIS_URL: stack.linkis.url,
    LINKIS_PASSWORD: 'hadoop',
    ARTIFACTS_FOLDER: artifacts,
  };
  const worker = run('worker.js', env);
  const starter = run('start.js', env);
  try {
    const first = await Promise.race([starter.ended, worker.ended]);
    assert.equal(first.code, 0, 'the worker or the starter failed');
    assert.match(first.output, /task Succeed, \d result sets, lineage success/);
    const files = await readdir(artifacts, { recursive: true });
    assert.ok(
      files.some((file) => file.endsWith('lineage.csv')),
      `no lineage in ${files}`,
    );

    worker.child.kill('SIGTERM');
    assert.equal((await worker.ended).code, 0, 'the worker did not end cleanly');
  } finally {
    worker.child.kill('SIGKILL');
    starter.child.kill('SIGKILL');
    await stack.close();
    await rm(artifacts, { recursive: true, force: true });
  }
  console.log('The example works.');
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
