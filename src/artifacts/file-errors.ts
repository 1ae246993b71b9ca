import { types } from 'node:util';
import { ArtifactError } from './errors';

function errnoOf(error: unknown): string | undefined {
  return types.isNativeError(error) ? (error as NodeJS.ErrnoException).code : undefined;
}

/** True where a path, or a folder on the way to it, doesn't exist. */
export function isMissing(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR';
}

const notWritable: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'it is a file',
  ENOENT: 'it vanished',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'symbolic links go round in circles',
  EISDIR: 'a folder stands where the file should go',
  ENOTEMPTY: 'a folder stands where the file should go',
  EIO: 'the disk or the share has a fault',
  ESTALE: 'the share was mounted anew',
  EHOSTDOWN: "the share's server is down",
  ETIMEDOUT: "the share's server doesn't answer",
  EFBIG: 'a file may not be so large there',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine',
};

/** Turns a file system's error into a sentence with a remedy; leaves every other error as it is. */
export function explainFileError(error: unknown, root: string, attempt: string): unknown {
  const code = errnoOf(error);
  if (code === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ArtifactError(
      'Artifacts.Full',
      `no space is left for the artifact folder ${root} (${code}): free some, then retry`,
    );
  }
  const reason = notWritable[code];
  if (reason === undefined) return error;
  return new ArtifactError(
    'Artifacts.NotWritable',
    `the artifact folder ${root} can't be used: could not ${attempt}, ${reason} (${code}); mend that, or name another folder in artifacts.folder`,
  );
}
