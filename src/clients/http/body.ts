import type { Readable } from 'node:stream';
import { multipartBody, type MultipartPart } from './multipart';

/** `undefined` leaves the field out. */
export type FieldValue = string | number | boolean | undefined;

export type CallBody =
  | { readonly json: unknown }
  /** application/x-www-form-urlencoded */
  | { readonly form: Readonly<Record<string, FieldValue>> }
  | { readonly multipart: readonly MultipartPart[] };

export interface EncodedBody {
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string | Readable | null;
}

/** Makes the bytes afresh, so that a call that is repeated sends its files from the start. */
export function encodeBody(body: CallBody | undefined): EncodedBody {
  if (body === undefined) return { headers: {}, content: null };
  if ('json' in body) {
    return {
      headers: { 'content-type': 'application/json' },
      content: JSON.stringify(body.json),
    };
  }
  if ('form' in body) {
    const fields = new URLSearchParams();
    for (const [name, value] of Object.entries(body.form)) {
      if (value !== undefined) fields.append(name, String(value));
    }
    return {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      content: fields.toString(),
    };
  }
  const multipart = multipartBody(body.multipart);
  return {
    headers: {
      'content-type': multipart.contentType,
      'content-length': String(multipart.sizeBytes),
    },
    content: multipart.body,
  };
}

/** Names only: they go into errors. */
export function fieldNames(body: CallBody | undefined): readonly string[] {
  if (body === undefined) return [];
  if ('json' in body) {
    return typeof body.json === 'object' && body.json !== null ? Object.keys(body.json) : [];
  }
  if ('form' in body) {
    return Object.keys(body.form).filter((name) => body.form[name] !== undefined);
  }
  return [...new Set(body.multipart.map((part) => part.name))];
}
