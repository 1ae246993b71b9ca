import { ArtifactError } from '../../artifacts/errors';
import { S3ArtifactStore } from '../../artifacts/s3-store';
import type { ConfiguredStore } from '../../plugin/open-store';
import { checkTimeoutMs, words, type Finding } from './finding';

const check = 'artifacts';
/** S3 refuses requests from 15 minutes on; nobody's clock should be near that. */
const mostSkewMs = 60_000;

/** A small artifact is written, read, listed and removed. */
export async function checkArtifacts(store: ConfiguredStore): Promise<Finding> {
  const signal = AbortSignal.timeout(checkTimeoutMs);
  try {
    return store instanceof S3ArtifactStore
      ? clockFinding(store, await store.clockSkewMs(signal))
      : await store.check(signal).then(() => fine(`${store.place} can be written`));
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

function fine(found: string): Finding {
  return { check, status: 'ok', found };
}
