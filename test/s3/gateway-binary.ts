import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cachedBinary, withCacheLock } from '../../src/local/temporal/cache';

/** Apache-2.0, alive, and one binary; https://github.com/versity/versitygw */
const gatewayVersion = 'v1.8.0';

/**
 * A server that speaks S3 over a folder: `S3_GATEWAY_PATH`, else the one in the user's cache folder,
 * which is built with `go install` once (some 2 minutes on 2 cores).
 */
export async function gatewayBinary(environment: NodeJS.ProcessEnv): Promise<string> {
  const named = environment.S3_GATEWAY_PATH;
  if (named) return named;
  const folder = path.dirname(cachedBinary(environment));
  const kept = path.join(folder, `versitygw-${gatewayVersion}`);
  if (await isThere(kept)) return kept;
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  return withCacheLock(environment, log, async () => {
    if (await isThere(kept)) return kept;
    log(`Building the S3 server ${gatewayVersion} with \`go install\`: a few minutes, once.`);
    await mkdir(folder, { recursive: true });
    const building = await mkdtemp(`${kept}-build-`);
    try {
      await promisify(execFile)(
        'go',
        [
          ...['install', '-trimpath', '-ldflags=-s -w'],
          `github.com/versity/versitygw/cmd/versitygw@${gatewayVersion}`,
        ],
        {
          cwd: building,
          env: {
            ...environment,
            CGO_ENABLED: '0',
            GOBIN: building,
            GOFLAGS: '-buildvcs=false',
            GOWORK: 'off',
          },
        },
      );
      await rename(path.join(building, 'versitygw'), kept);
    } finally {
      await rm(building, { recursive: true, force: true });
    }
    return kept;
  });
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
