import { utf8Bytes } from './history-size';

/** What file systems allow in one name. */
const maxSegmentBytes = 255;
/** Leaves room for a root below the usual 4,096 bytes of a path. */
const maxPathBytes = 2048;

/**
 * What keeps a text from being a plain relative path with `/` that stays below wherever it is put;
 * undefined where nothing does. Goes on from the path: `is absolute`.
 */
export function relativePathMistake(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (utf8Bytes(path) > maxPathBytes) return `is longer than ${maxPathBytes} bytes`;
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'holds a control character';
  // Half a surrogate pair: UTF-8 has no form for it, so several such texts would be one file.
  if (/\p{Surrogate}/u.test(path)) return 'holds half a character';
  if (path.includes('\\')) return 'holds a backslash';
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'is absolute';
  const segments = path.split('/');
  if (segments.includes('')) return 'has an empty segment';
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    return 'has a "." or ".." segment';
  }
  if (segments.some((segment) => utf8Bytes(segment) > maxSegmentBytes)) {
    return `has a segment of more than ${maxSegmentBytes} bytes`;
  }
  return undefined;
}

const scheme = 'artifact:';

/** What keeps a text from naming an artifact inside the store; undefined where nothing does. */
export function artifactUriMistake(uri: string): string | undefined {
  if (!uri.startsWith(scheme)) return `does not begin with "${scheme}"`;
  return relativePathMistake(uri.slice(scheme.length));
}
