import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Log } from './log';

/** The newest tag without a `replace` directive, which `go install` refuses; holds server 1.29.1. */
const pinnedCliVersion = 'v1.5.1';

const sayEveryMs = 10_000;

/**
 * Builds the pinned CLI with `go install` (2 to 4 minutes on 2 cores, about 1 GB of modules) and
 * renames it to `target` when it is whole.
 */
export async function buildTemporal(
  target: string,
  environment: NodeJS.ProcessEnv,
  log: Log,
): Promise<void> {
  const workDir = await mkdtemp(`${target}-build-`);
  try {
    log(
      `Building Temporal CLI ${pinnedCliVersion} with \`go install\`: a few minutes, once; ` +
        `kept at ${target}.`,
    );
    await goInstall(workDir, environment, log);
    await rename(path.join(workDir, path.basename(target)), target);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function goInstall(workDir: string, environment: NodeJS.ProcessEnv, log: Log): Promise<void> {
  const wanted = `github.com/temporalio/cli/cmd/temporal@${pinnedCliVersion}`;
  // Smaller without symbols; GOBIN and cross-compiling exclude each other; work files don't apply.
  const go = spawn('go', ['install', '-v', '-trimpath', '-ldflags=-s -w', wanted], {
    cwd: workDir,
    env: {
      ...environment,
      CGO_ENABLED: '0',
      GOBIN: workDir,
      GOFLAGS: '-buildvcs=false',
      GOWORK: 'off',
      GOOS: '',
      GOARCH: '',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const startedAtMs = Date.now();
  let modules = 0;
  let packages = 0;
  const last: string[] = [];
  createInterface({ input: go.stderr }).on('line', (line) => {
    if (line.startsWith('go: downloading ')) modules += 1;
    else if (/^[\w./-]+$/.test(line)) packages += 1;
    else last.push(line);
  });
  const saying = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAtMs) / 1000);
    log(`… ${modules} modules downloaded, ${packages} packages compiled, ${seconds} s`);
  }, sayEveryMs);
  try {
    const [code] = (await once(go, 'close')) as [number | null];
    if (code !== 0)
      throw new Error(`it failed: ${last.slice(-3).join(' ') || `exit code ${code}`}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error('Go is missing: no `go` on the PATH');
  } finally {
    clearInterval(saying);
  }
  log(
    `Built Temporal CLI ${pinnedCliVersion} in ${Math.round((Date.now() - startedAtMs) / 1000)} s.`,
  );
}
