import type { JsonReply, LocalRequest } from '../http/exchange';

/** Nearly everything is HTTP 200 with a `code` inside. */
export function ok(data?: unknown): JsonReply {
  return { json: { code: 200, ...(data !== undefined && { data }) } };
}

export function refused(code: number | string, error: string): JsonReply {
  return { json: { code, error } };
}

/** The words of a bad or expired token, and of a wrong secret key. */
export const accessDenied = 'Invalid user or token, access deny.';

export function field(request: LocalRequest, name: string): string {
  return request.fields[name]?.at(-1)?.trim() ?? '';
}

export function flag(request: LocalRequest, name: string, fallback = false): boolean {
  const value = field(request, name).toLowerCase();
  return value === '' ? fallback : value === 'true' || value === '1';
}

/** `2020-12-15 15:14:39`: the vendor's times carry no zone; here they are UTC. */
export function timeText(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
}
