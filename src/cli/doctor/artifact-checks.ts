import { statfs } from 'node:fs/promises';
import { ArtifactError } from '../../artifacts/errors';
import { formatSize } from '../durations';
import { S3ArtifactStore } from '../../artifacts/s3-store';
import type { ConfiguredStore } from '../../plugin/open-store';
import { checkTimeoutMs, words, type Finding } from './finding';

const check = 'artifacts';
/** S3 refuses requests from 15 minutes on; nobody's clock should be near that. */
const mostSkewMs = 60_000;
/** A large result takes some of it. */
const leastFreeBytes = 2 * 2 ** 30;

/** A small artifact is written, read, listed and removed. */
export async function checkArtifacts(store: ConfiguredStore): Promise<Finding> {
  const signal = AbortSignal.timeout(checkTimeoutMs);
  try {
    return store instanceof S3ArtifactStore
      ? clockFinding(store, await store.clockSkewMs(signal))
      : await store.check(signal).then(() => spaceFinding(store.root));
  } catch (error) {
    const isAway =
      (error instanceof ArtifactError && error.code === 'Artifacts.Unreachable') || signal.aborted;
    return {
      check,
      status: isAway ? 'unreachable' : 'wrong',
      found: signal.aborted ? `${store.place} did not answer in time` : words(error),
      cure:
        store instanceof S3ArtifactStore
          ? 'mend the settings under artifacts.s3; callers and workers must share the bucket'
          : error instanceof ArtifactError && error.code === 'Artifacts.Full'
            ? 'make room, or set artifacts.folder to a larger disk: results and logs go there'
            : 'make the folder writable, or set artifacts.folder; callers and workers must share it',
    };
  }
}

function clockFinding({ place }: S3ArtifactStore, skewMs: number): Finding {
  const found = `${place} can be written, read, listed and removed from`;
  if (Math.abs(skewMs) <= mostSkewMs) return fine(found);
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const way = skewMs > 0 ? 'ahead of' : 'behind';
  return {
    check,
    status: 'warning',
    found: `${found}; this machine's clock is ${seconds} s ${way} the service's`,
    cure: 'set the clock by NTP: from 15 minutes on the service refuses every request',
  };
}

/** A folder: what is left on its disk. */
async function spaceFinding(root: string): Promise<Finding> {
  const { bavail, bsize, blocks } = await statfs(root);
  const [freeBytes, allBytes] = [bavail * bsize, blocks * bsize];
  const found = `${root} can be written and removed from; ${formatSize(freeBytes)} free`;
  if (freeBytes >= Math.min(leastFreeBytes, allBytes / 20)) return fine(found);
  return {
    check,
    status: 'warning',
    found,
    cure: 'make room, or set artifacts.folder to a larger disk: results and logs go there',
  };
}

function fine(found: string): Finding {
  return { check, status: 'ok', found };
}
