// A service of docker-compose.yml, run as a process.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { openSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const milliseconds = (text) => {
  const [, count, unit] = /^(\d+)(s|m)$/.exec(text);
  return Number(count) * (unit === 'm' ? 60_000 : 1_000);
};

class Service {
  /**
   * @param definition out of the compose file, with its words replaced
   * @param run `{ argv, env, cwd, uid }` of the process
   */
  constructor(name, definition, run, folder) {
    Object.assign(this, { name, definition, run, folder });
    this.log = path.join(folder, `${name}.log`);
  }

  start() {
    const { argv, env, cwd, uid } = this.run;
    const log = openSync(this.log, 'a');
    this.process = spawn(argv[0], argv.slice(1), {
      cwd: cwd ?? this.folder,
      env,
      stdio: ['ignore', log, log],
      ...(uid !== undefined && { uid, gid: uid }),
    });
    this.exit = once(this.process, 'exit').then(([code, signal]) => code ?? signal);
    // Told where somebody waits for it.
    this.exit.catch(() => undefined);
  }

  /** A one-shot: `service_completed_successfully`. */
  async completes() {
    this.start();
    const code = await this.exit;
    if (code !== 0) throw this.problem(`ended with ${code}`);
  }

  /** `service_healthy`, by the healthcheck's own command and patience. */
  async healthy() {
    const { test, interval, timeout, retries, start_period = '0s' } = this.definition.healthcheck;
    const [, ...argv] = test;
    const endMs = Date.now() + milliseconds(start_period) + retries * milliseconds(interval);
    while (!(await this.probe(argv, milliseconds(timeout)))) {
      if (this.process.exitCode !== null) throw this.problem(`ended with ${await this.exit}`);
      if (Date.now() > endMs) throw this.problem(`is not healthy: ${argv.join(' ')}`);
      // Sooner than the interval, which bounds only how long it may take.
      await sleep(500);
    }
  }

  async probe(argv, timeout) {
    const { env } = this.run;
    const probe = spawn(argv[0], argv.slice(1), { env, stdio: 'ignore', timeout });
    const [code] = await once(probe, 'exit');
    return code === 0;
  }

  /** As `docker compose stop` does: SIGTERM, and SIGKILL after the grace period. */
  async stop() {
    if (this.process === undefined || this.process.exitCode !== null) return undefined;
    if (this.process.signalCode !== null) return undefined;
    this.process.kill('SIGTERM');
    const graceMs = milliseconds(this.definition.stop_grace_period ?? '10s');
    const over = new AbortController();
    const late = sleep(graceMs, 'late', { signal: over.signal }).catch(() => undefined);
    const ended = await Promise.race([this.exit, late]);
    over.abort();
    if (ended !== 'late') return ended;
    this.process.kill('SIGKILL');
    throw this.problem(`did not stop within ${this.definition.stop_grace_period ?? '10s'}`);
  }

  async kill() {
    this.process.kill('SIGKILL');
    await this.exit;
  }

  problem(words) {
    const lines = readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-15);
    const log = lines.map((line) => line.slice(0, 500)).join('\n');
    return new Error(`The service ${this.name} ${words}. Its last words:\n${log}`);
  }
}

module.exports = { Service };
