import type { CallPriority } from './admission';

/** One call that is about to leave. */
export interface ObservedCall {
  readonly method: 'GET' | 'POST';
  /** The path without what differs from job to job: `entrance/status`, `sqlflow/job/submitUserJob`. */
  readonly endpoint: string;
  /** `host:port` of the service. */
  readonly host: string;
  readonly priority: CallPriority;
}

/** How a call ended, as far as its headers: `failed` had none, `aborted` was given up by its caller. */
export type CallEnd =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'aborted' };

/** One call that somebody looks on. */
export interface CallUnderWay {
  /** Sent with it, in lower case: a trace's context. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called once, when the answer's headers are there or none will come. Must not throw. */
  ended(end: CallEnd): void;
}

/** Looks on at every call of a transport: metrics, traces. */
export interface CallObserver {
  /** Called when the call leaves, after it waited for its budget. Must not throw. */
  began(call: ObservedCall): CallUnderWay;
}

/**
 * A path's fixed words: what holds a digit, a colon or the like names a task or a job, of which there
 * are any number.
 */
export function endpointName(path: string): string {
  const words = path.split('/').filter((word) => /^[a-z][a-z_-]{0,39}$/i.test(word));
  return words.filter((word) => word !== 'api' && word !== 'rest_j').join('/') || 'other';
}

/** Several who look on as one. */
export function together(observers: readonly CallObserver[]): CallObserver {
  return {
    began(call) {
      const all = observers.map((observer) => observer.began(call));
      return {
        headers: Object.assign({}, ...all.map(({ headers }) => headers)) as Record<string, string>,
        ended: (end) => all.forEach((one) => one.ended(end)),
      };
    },
  };
}
