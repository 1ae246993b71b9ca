import type { LineageModelError } from './model';
import type { Element } from './model-elements';
import { clip } from '../clients/http/service-words';

/** `etl/a.sql(4,28): no statement begins with selec` */
const placedWords = /^([^\n]{1,1000}?)\((\d{1,9}),\s*(\d{1,9})\): /;

/**
 * An entry of `sqlflow.errors[]`. The place comes from `coordinates` (`x` is the line, `y` the
 * column, the first entry where it begins); the file from the words, where they begin with it.
 */
export function modelError(element: Element): LineageModelError {
  const words = typeof element.errorMessage === 'string' ? element.errorMessage : '';
  const placed = placedWords.exec(words);
  const coordinates: unknown = element.coordinates ?? element.originCoordinates;
  const start: unknown = Array.isArray(coordinates) ? coordinates[0] : undefined;
  const at = (typeof start === 'object' && start !== null ? start : {}) as Element;
  const file = placed?.[1];
  const line = positive(at.x) ?? positive(placed?.[2]);
  const column = positive(at.y) ?? positive(placed?.[3]);
  return {
    message: clip(placed ? words.slice(placed[0].length) : words) || 'no words',
    ...(typeof element.errorType === 'string' && { type: element.errorType }),
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  };
}

/**
 * Whether it tells of SQL that could not be parsed. A column that could only be guessed comes as
 * `LinkOrphanColumn`, and often as a `SyntaxHint` "find orphan column" besides.
 */
export function isParseError({ type, message }: LineageModelError): boolean {
  return type?.toLowerCase() !== 'linkorphancolumn' && !/orphan column/i.test(message);
}

function positive(value: unknown): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
