import type { JsonReply, LocalReply, LocalRequest } from '../http/exchange';

/** `-1` not logged in, `1` an error, `2` a failed check, `3` no access, `4` a warning. */
export type FailureStatus = -1 | 1 | 2 | 3 | 4;

const httpStatusOf: Readonly<Record<FailureStatus, number>> = {
  [-1]: 401,
  1: 400,
  2: 412,
  3: 403,
  4: 206,
};

/** What the service refuses, with its own error code. */
export class LinkisError extends Error {
  constructor(
    readonly errCode: number,
    readonly desc: string,
    readonly status: FailureStatus = 1,
  ) {
    super(desc);
  }
}

export function success(method: string | null, data: object, message = 'OK'): JsonReply {
  return { json: { method, status: 0, message, data } };
}

/** An ErrorException in the server's words. */
export function failure(method: string | null, error: LinkisError): JsonReply {
  const origin = { ip: '127.0.0.1', port: 9104, serviceKind: 'linkis-cg-entrance' };
  return {
    status: httpStatusOf[error.status],
    json: {
      method,
      status: error.status,
      message: `errCode: ${error.errCode} ,desc: ${error.desc} ,ip: ${origin.ip} ,port: ${origin.port} ,serviceKind: ${origin.serviceKind}`,
      data: { errorMsg: { level: 2, errCode: error.errCode, desc: error.desc, ...origin } },
    },
  };
}

/** A refusal without an error code of its own. */
export function refusal(method: string | null, status: FailureStatus, message: string): JsonReply {
  return { status: httpStatusOf[status], json: { method, status, message, data: {} } };
}

/** How Spring itself answers: another shape, without `data`. */
export function springError(request: LocalRequest, status: number, error: string): JsonReply {
  return {
    status,
    json: {
      timestamp: new Date().toISOString().replace('Z', '+0000'),
      path: request.path,
      status,
      error,
      requestId: `${Math.floor(Math.random() * 0xffffffff).toString(16)}-1`,
    },
  };
}

/** A gateway that finds no service says so with HTTP 200. */
export function noService(request: LocalRequest): LocalReply {
  return {
    json: {
      method: request.path,
      status: 1,
      message: `Cannot find a correct serviceId for parsedServiceId ${request.path.split('/')[4] ?? ''}, service list is: [linkis-cg-entrance, linkis-ps-publicservice]`,
      data: {},
    },
  };
}
