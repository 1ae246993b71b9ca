import type { LocalRequest } from '../http/exchange';
import { LinkisError } from './envelope';

export function textOf(request: LocalRequest, name: string): string | undefined {
  return request.query.get(name) ?? undefined;
}

/** Undefined where it is absent or empty. @throws LinkisError where it isn't a number */
export function numberOf(request: LocalRequest, name: string): number | undefined {
  const text = request.query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (Number.isInteger(value)) return value;
  throw new LinkisError(20011, `The parameter ${name} must be a whole number, not "${text}"`);
}
