import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Log } from './log';

/** Time for the download of about 60 MB; without a network it fails within 50 ms. */
const downloadTimeoutMs = 5 * 60_000;

/**
 * Runs in a process of its own: the SDK's download installs its native `Runtime`, which an
 * application may install only once and wants to configure itself. The SDK has no download alone,
 * so a server is started for a moment.
 */
const downloadSource = `
  const [testing, downloadDir] = process.argv.slice(1);
  const { TestWorkflowEnvironment } = require(testing);
  TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir } },
  })
    .then((environment) => environment.teardown())
    .catch((error) => { console.error(error.message); process.exit(1); });
`;

/** Has the SDK download the CLI that fits it, and renames it to `target`. */
export async function downloadTemporal(
  target: string,
  environment: NodeJS.ProcessEnv,
  log: Log,
): Promise<void> {
  let testing: string;
  try {
    testing = require.resolve('@temporalio/testing');
  } catch {
    throw new Error('@temporalio/testing is not installed');
  }
  const downloadDir = await mkdtemp(`${target}-download-`);
  try {
    log("Getting a Temporal server by the SDK's download (about 60 MB).");
    await promisify(execFile)(
      process.execPath,
      ['-e', downloadSource, '--', testing, downloadDir],
      { env: environment, timeout: downloadTimeoutMs },
    ).catch((error: { killed?: boolean; stderr?: string; message: string }) => {
      if (error.killed) throw new Error(`no end after ${downloadTimeoutMs / 60_000} minutes`);
      throw new Error(lastLine(error.stderr) ?? error.message);
    });
    const [file] = (await readdir(downloadDir)).filter((name) => name.startsWith('temporal'));
    if (file === undefined) throw new Error('it left no binary');
    await chmod(path.join(downloadDir, file), 0o755);
    await rename(path.join(downloadDir, file), target);
    log(`Downloaded; kept at ${target}.`);
  } finally {
    await rm(downloadDir, { recursive: true, force: true });
  }
}

function lastLine(text: string | undefined): string | undefined {
  return text?.trim().split('\n').at(-1) || undefined;
}
