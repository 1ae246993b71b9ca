// Runs the README's five commands, as they stand there, on a stack of its own.
const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { cpSync, mkdtempSync, readFileSync, existsSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { createInterface } = require('node:readline');

/** The commands change the SQL, so they get a copy of it. */
const folder = mkdtempSync(path.join(tmpdir(), 'nightly-lineage-'));
for (const name of ['sql', 'changes', 'remote-jobs.yaml']) {
  cpSync(path.join(__dirname, name), path.join(folder, name), { recursive: true });
}

// Only the stack that is started here is meant, whatever the environment names.
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      name === 'TEMPORAL_CLI_PATH' || !/^(TEMPORAL|SQLFLOW|LINKIS|REMOTE_JOBS)_/.test(name),
  ),
);

/** The command blocks of the README's section, in order. */
function commands() {
  const readme = readFileSync(path.join(__dirname, 'README.md'), 'utf8');
  const [, section = ''] = /^## Five commands\n(.*?)^## /ms.exec(readme) ?? [];
  return [...section.matchAll(/^```sh\n(.*?)\n```$/gms)].map(([, command]) => command);
}

/** Outside of the project `npx` would look elsewhere; npm has put its commands on the PATH. */
function run(command, isShown = true) {
  if (isShown) console.log(`$ ${command}`);
  const local = command.replaceAll('npx remote-jobs', 'remote-jobs');
  const options = { cwd: folder, env, encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' };
  const { status, stdout, stderr } = spawnSync('sh', ['-c', local], options);
  if (isShown) console.log(`${stdout}${stderr}`.trimEnd());
  return { status, stdout, stderr };
}

async function startStack() {
  const anyPorts = ['temporal', 'ui', 'sqlflow', 'linkis'].flatMap((of) => [`--${of}-port`, '0']);
  const args = ['dev', ...anyPorts, '--output', 'json', '--quiet'];
  const stack = spawn('remote-jobs', args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(stack, 'exit');
  const line = once(createInterface({ input: stack.stdout }), 'line').then(([first]) => first);
  const ready = await Promise.race([line, ended.then(([code]) => `ended with ${code}`)]);
  assert.match(String(ready), /"ready":true/, `the stack did not start: ${ready}`);
  return { stack, ended };
}

async function main() {
  const { stack, ended } = await startStack();
  try {
    const [first, schedule, change, diff, gate, ...more] = commands();
    assert.deepEqual(more, [], 'the README has five commands');

    const begun = run(first);
    assert.equal(begun.status, 0);
    assert.match(begun.stdout, /^revision 1 of generation 1 · 4 of 4 files sent/);
    for (const name of ['lineage.html', 'lineage.csv', 'result.json']) {
      assert.ok(existsSync(path.join(folder, 'lineage', name)), `${name} is missing`);
    }
    assert.equal(run(schedule).status, 0);
    const changed = run(change);
    assert.equal(changed.status, 0);
    assert.match(changed.stdout, /^revision 2 of generation 1 · 2 of 4 files sent .*\+4 −0/m);
    assert.match(run(diff).stdout, /`raw\.products\.cost` → `dw\.sales\.margin`/);
    const stopped = run(gate);
    assert.equal(stopped.status, 1);
    assert.match(stopped.stderr, /mart\.revenue .*lost all its sources/);

    const shown = run('remote-jobs chain show nightly --output json', false);
    const { latest, current, refreshes } = JSON.parse(shown.stdout);
    assert.equal(latest.revision, 2, 'the gate let a revision pass');
    assert.equal(current.generation, 1, 'the chain changed its job');
    assert.ok(
      refreshes.some(({ scheduledAtMs }) => scheduledAtMs > 0),
      'the schedule ran nothing',
    );

    stack.kill('SIGTERM');
    assert.equal((await ended)[0], 0, 'the stack did not end cleanly');
  } finally {
    stack.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  console.log('The example works.');
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
