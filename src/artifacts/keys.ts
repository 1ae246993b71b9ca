import { relativePathMistake } from '../contracts/relative-path';
import { ArtifactError } from './errors';

/** Where stores keep what isn't whole yet; no key leads into it. */
export const unfinishedFolder = '.unfinished';

/**
 * Checks that a key is a plain relative path with `/`: no empty, `.` or `..` segment, no leading
 * `/`, no `\`, no control character, no segment over 255 bytes.
 *
 * @throws ArtifactError `Artifacts.BadKey`
 */
export function checkKey(key: string): void {
  const mistake = keyMistake(key);
  if (mistake !== undefined) {
    throw new ArtifactError(
      'Artifacts.BadKey',
      `the artifact key ${JSON.stringify(key.slice(0, 200))} ${mistake}: give a relative path such as "jobs/1/log.txt"`,
    );
  }
}

function keyMistake(key: string): string | undefined {
  const mistake = relativePathMistake(key);
  if (mistake !== undefined) return mistake;
  return key.split('/')[0] === unfinishedFolder
    ? 'lies where unfinished writes are kept'
    : undefined;
}
