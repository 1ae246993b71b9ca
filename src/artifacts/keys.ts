import { createHash } from 'node:crypto';
import { ArtifactError } from './errors';

/** What file systems allow in one name. */
const maxSegmentBytes = 255;
/** Leaves room for the store's own root below the usual 4,096 bytes of a path. */
const maxKeyBytes = 2048;

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
  if (key === '') return 'is empty';
  if (Buffer.byteLength(key) > maxKeyBytes) return `is longer than ${maxKeyBytes} bytes`;
  if (/[\u0000-\u001f\u007f]/.test(key)) return 'holds a control character';
  if (key.includes('\\')) return 'holds a backslash';
  if (key.startsWith('/') || /^[a-z]:/i.test(key)) return 'is absolute';
  const segments = key.split('/');
  if (segments.includes('')) return 'has an empty segment';
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    return 'has a "." or ".." segment';
  }
  if (segments[0] === unfinishedFolder) return 'lies where unfinished writes are kept';
  if (segments.some((segment) => Buffer.byteLength(segment) > maxSegmentBytes)) {
    return `has a segment of more than ${maxSegmentBytes} bytes`;
  }
  return undefined;
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
