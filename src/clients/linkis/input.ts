import { InputError } from '../http/errors';
import { kindOf } from '../http/shape';

/** Checks made before anything is sent. Each names the field, what is wrong and what to do. */

export function requireText(field: string, value: unknown, remedy: string): void {
  if (typeof value !== 'string') {
    throw new InputError(field, `should be a text, but is ${kindOf(value)}; ${remedy}`);
  }
  if (value.trim() === '') throw new InputError(field, `is blank; ${remedy}`);
}

export function requireWhole(field: string, value: number, lowest: number, highest: number): void {
  if (Number.isSafeInteger(value) && value >= lowest && value <= highest) return;
  throw new InputError(field, `is ${value}; give a whole number from ${lowest} to ${highest}`);
}

/** @returns the id as a part of a path */
export function execIdPart(execId: string): string {
  requireText('execId', execId, 'give the one that submit answered, or jobhistory');
  // A URL drops such a part, and the call would reach another endpoint.
  if (/^\.+$/.test(execId)) throw new InputError('execId', `"${execId}" is no exec id`);
  return encodeURIComponent(execId);
}

export function requireTaskId(taskId: string): void {
  if (typeof taskId === 'string' && /^\d{1,19}$/.test(taskId)) return;
  throw new InputError(
    'taskId',
    `${JSON.stringify(taskId)} is no task id; give the number that submit answered, as text`,
  );
}

/** The service takes `..` in a path by default, and so protects no file of its host. */
export function requirePath(path: string): void {
  requireText('path', path, "give one that the service answered, such as a task's resultLocation");
  if (path.split(/[\\/]/).includes('..')) {
    throw new InputError('path', `"${path}" holds ".."; give the path itself`);
  }
}
