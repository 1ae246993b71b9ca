import { VendorError, type VendorErrorKind } from '../http/errors';
import { httpError, serviceWords } from '../http/service-words';
import type { Answer, TextResponse } from '../http/transport';

/** What the service means by a status; it speaks plain HTTP, and says no in no other way. */
const kinds: Readonly<Record<number, VendorErrorKind>> = {
  400: 'refused',
  401: 'auth',
  402: 'licence',
  404: 'notFound',
};

/** @throws VendorError where the service refuses; HttpError for any other status but 2xx */
export function checkGranted(answer: TextResponse, secrets: readonly string[]): void {
  const { status, endpoint } = answer;
  if (isFine(answer)) return;
  const kind = kinds[status];
  if (kind === undefined) throw httpError(answer, { secrets });
  const serviceMessage = serviceWords(answer.text, secrets);
  throw new VendorError({ endpoint, kind, vendorCode: status, serviceMessage, httpStatus: status });
}

export function isFine({ status }: Pick<Answer, 'status'>): boolean {
  return status >= 200 && status < 300;
}
