import { createHash } from 'node:crypto';
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

/**
 * Makes one key segment of any text, such as a workflow id that somebody else chose: what a file
 * name can't hold is percent-encoded, what is too long is cut and told apart by its hash. Two
 * different texts never make the same segment.
 */
export function keySegment(text: string): string {
  // A lone surrogate has no UTF-8 form; such a text is told apart by its hash.
  const wellFormed = Buffer.from(text).toString();
  const encoded = encodeURIComponent(wellFormed)
    .replace(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^\.|\.$/g, '%2E');
  if (encoded !== '' && encoded.length <= 180 && wellFormed === text) return encoded;
  const hash = createHash('sha256').update(JSON.stringify(text)).digest('hex').slice(0, 32);
  return `${encoded.slice(0, 140)}~${hash}`;
}
