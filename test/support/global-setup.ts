import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocalTemporal } from '../../src/local/temporal/local-temporal';
import { runVariables, type TestRun } from './test-run';

/** Settings of whoever runs the tests: what they point to may be production. */
const personal = /^(TEMPORAL_(?!CLI_PATH$)|SQLFLOW_|LINKIS_|REMOTE_JOBS_)/;

/**
 * Starts the one Temporal server of the run and makes sure that nothing is taken from the user's
 * environment: whatever reads it all the same finds an address that can't be reached.
 */
export default async function globalSetup(): Promise<void> {
  const runDir = await mkdtemp(path.join(tmpdir(), 'remote-jobs-test-'));
  for (const name of Object.keys(process.env)) if (personal.test(name)) delete process.env[name];
  const bareConfig = path.join(runDir, 'temporal.toml');
  await writeFile(bareConfig, '[profile.default]\n');
  process.env.TEMPORAL_CONFIG_FILE = bareConfig;
  process.env.TEMPORAL_ADDRESS = 'tests-must-not-read-the-environment.invalid:7233';

  const temporal = await LocalTemporal.start({
    log: (line) => void process.stderr.write(`${line}\n`),
  });
  process.env[runVariables.address] = temporal.address;
  process.env[runVariables.runDir] = runDir;
  (globalThis as { testRun?: TestRun }).testRun = { temporal, runDir };
}
