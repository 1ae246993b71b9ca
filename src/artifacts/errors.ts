/**
 * Why an artifact could not be stored or read.
 *
 * - `Artifacts.NotFound`: nothing is stored under that reference.
 * - `Artifacts.BadKey`: the key would leave the store, or is no file name a folder could hold.
 * - `Artifacts.NotWritable`: the store itself can't be written or read; configuration.
 * - `Artifacts.Unreachable`: the store's service doesn't answer, or is in trouble; worth a retry.
 * - `Artifacts.Full`: no space is left; worth a retry once there is.
 * - `Artifacts.LogGap`: a log chunk would leave lines out.
 * - `Artifacts.PartGone`: a part of a download vanished while it was put together.
 * - `Artifacts.Damaged`: what is stored is not what its reference tells.
 */
export type ArtifactErrorCode =
  | 'Artifacts.NotFound'
  | 'Artifacts.BadKey'
  | 'Artifacts.NotWritable'
  | 'Artifacts.Unreachable'
  | 'Artifacts.Full'
  | 'Artifacts.LogGap'
  | 'Artifacts.PartGone'
  | 'Artifacts.Damaged';

/** Something is wrong with the artifact store or a key in it; the message says what to do. */
export class ArtifactError extends Error {
  override readonly name: string = 'ArtifactError';

  constructor(
    readonly code: ArtifactErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** A reference leads nowhere: the artifact was removed, or another store wrote it. */
export class ArtifactNotFoundError extends ArtifactError {
  override readonly name = 'ArtifactNotFoundError';

  constructor(readonly uri: string) {
    super(
      'Artifacts.NotFound',
      `${uri} is not in the artifact store: it was removed, or it was stored where this worker's "artifacts" setting doesn't point`,
    );
  }
}
