import type { Handler } from './exchange';

export interface Route {
  readonly method: 'GET' | 'POST' | '*';
  /** Segments as they are, `:name` for any one segment: `/api/jobs/:id/get`. */
  readonly pattern: string;
  /** The name that fault scripts and call records use. */
  readonly endpoint: string;
  readonly handler: Handler;
}

export interface RouteMatch {
  readonly route: Route;
  readonly params: Record<string, string>;
}

/** Finds the route of a request: fixed segments win over `:names`, an exact method over `*`. */
export class RouteTable {
  readonly #routes: { route: Route; segments: string[]; rank: string }[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes
      .map((route) => {
        const segments = route.pattern.split('/').slice(1);
        const rank =
          segments.map((segment) => (segment.startsWith(':') ? '1' : '0')).join('') +
          (route.method === '*' ? '1' : '0');
        return { route, segments, rank };
      })
      .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));
  }

  /** `rawPath` is still percent-encoded, so that an encoded slash stays inside its segment. */
  find(method: string, rawPath: string): RouteMatch | { readonly allowedMethods: string[] } {
    const given = rawPath.split('/').slice(1).map(decodeSegment);
    const allowedMethods: string[] = [];
    for (const { route, segments } of this.#routes) {
      const params = matchSegments(segments, given);
      if (params === undefined) continue;
      if (route.method === '*' || route.method === method) return { route, params };
      allowedMethods.push(route.method);
    }
    return { allowedMethods };
  }
}

function matchSegments(pattern: string[], given: string[]): Record<string, string> | undefined {
  if (pattern.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of pattern.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith(':')) {
      if (value === '') return undefined;
      params[segment.slice(1)] = value;
    } else if (segment !== value) return undefined;
  }
  return params;
}

/** A stray `%` is taken as it stands. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
