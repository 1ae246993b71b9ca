import type { LocalReply, LocalRequest } from '../http/exchange';
import type { Route } from '../http/routes';
import type { Auth } from './auth';
import { failure, LinkisError, noService, springError } from './envelope';

/** Where every path begins. */
const apiPrefix = '/api/rest_j/v1';

/** A route that only a logged-in user reaches. */
export interface SecuredRoute {
  readonly method: 'GET' | 'POST';
  /** After the prefix. */
  readonly path: string;
  readonly endpoint: string;
  /** Whether a POST without a body is taken; all others are answered with nothing. @default false */
  readonly takesEmptyBody?: boolean;
  readonly answer: (request: LocalRequest, user: string) => Promise<LocalReply> | LocalReply;
}

/** Checks the login, and says refusals in the service's envelope. */
export function secured({ takesEmptyBody, answer, ...route }: SecuredRoute, auth: Auth): Route {
  return {
    method: route.method,
    pattern: apiPrefix + route.path,
    endpoint: route.endpoint,
    handler: async (request) => {
      const isEmpty = hasEmptyBody(request);
      // The real gateway answers nothing at all, with HTTP 200, and does nothing.
      if (request.method === 'POST' && isEmpty && !takesEmptyBody) return { text: '' };
      if (request.method === 'POST' && !isEmpty && request.json === undefined) {
        return springError(request, 415, 'Unsupported Media Type');
      }
      try {
        return await answer(request, auth.userOf(request));
      } catch (error) {
        if (error instanceof LinkisError) return failure(request.path, error);
        throw error;
      }
    },
  };
}

/** The two routes that need no login. */
export function loginRoutes(auth: Auth): Route[] {
  return [
    {
      method: 'POST',
      pattern: `${apiPrefix}/user/login`,
      endpoint: 'login',
      handler: (request) => (hasEmptyBody(request) ? { text: '' } : auth.login(request)),
    },
    {
      method: 'GET',
      pattern: `${apiPrefix}/user/userInfo`,
      endpoint: 'userInfo',
      handler: (request) => auth.userInfo(request),
    },
  ];
}

const services = new Set(['entrance', 'jobhistory', 'filesystem', 'user']);

/** Spring's words for a path or a method that a service hasn't; the gateway's for no service. */
export function notFound(request: LocalRequest, allowedMethods: readonly string[]): LocalReply {
  if (allowedMethods.length > 0) {
    return {
      ...springError(request, 405, 'Method Not Allowed'),
      headers: { allow: allowedMethods.join(',') },
    };
  }
  const [service = ''] = request.path.slice(apiPrefix.length + 1).split('/');
  const isRouted = request.path.startsWith(`${apiPrefix}/`) && !services.has(service);
  return isRouted ? noService(request) : springError(request, 404, 'Not Found');
}

function hasEmptyBody(request: LocalRequest): boolean {
  return (
    request.headers['transfer-encoding'] === undefined &&
    Number(request.headers['content-length'] ?? 0) === 0
  );
}
