import type { LocalReply, LocalRequest } from './exchange';
import type { Fault } from './fault';

/** What a fault makes of a call: another reply, the reply cut short, or a broken connection. */
export type FaultOutcome =
  | LocalReply
  | { readonly broken: 'drop' | 'reset' }
  | { readonly truncated: LocalReply; readonly keepBytes?: number };

export interface FaultedCall {
  readonly request: LocalRequest;
  readonly fault: Fault;
  /** Lets the call take effect and gives the true reply; it happens once however often it's asked. */
  readonly effect: () => Promise<LocalReply>;
  /** How this vendor says an error inside HTTP 200. */
  readonly envelopeFault: (code: number | string, message: string) => LocalReply;
  /** How this vendor says that the token or session has expired. */
  readonly tokenFault: (request: LocalRequest) => LocalReply;
}

/** One word that a script may write after `do:`. */
export interface FaultAction {
  /** Further fields of the script that it reads, each with what it must be. */
  readonly fields?: Readonly<Record<string, 'number' | 'text' | 'number or text'>>;
  readonly apply: (call: FaultedCall) => Promise<FaultOutcome> | FaultOutcome;
}

interface StatusFields {
  readonly status?: number;
  readonly retryAfter?: number | string;
  readonly text?: string;
}

/** The actions that every service has; a service adds its vendor's own. */
export const builtInActions: Readonly<Record<string, FaultAction>> = {
  none: { apply: (call) => call.effect() },
  drop: { apply: () => ({ broken: 'drop' }) },
  reset: { apply: () => ({ broken: 'reset' }) },
  truncate: {
    fields: { keepBytes: 'number' },
    apply: async ({ fault, effect }) => ({
      truncated: await effect(),
      keepBytes: fault.keepBytes as number | undefined,
    }),
  },
  status: {
    fields: { status: 'number', retryAfter: 'number or text', text: 'text' },
    apply: ({ fault }) => {
      const { status = 503, retryAfter, text = '' } = fault as StatusFields;
      if (retryAfter === undefined) return { status, text };
      return { status, text, headers: { 'retry-after': String(retryAfter) } };
    },
  },
  error: {
    fields: { code: 'number or text', message: 'text' },
    apply: ({ fault, envelopeFault }) =>
      envelopeFault(
        (fault.code as number | string | undefined) ?? 500,
        (fault.message as string | undefined) ?? 'A scripted fault.',
      ),
  },
  expireToken: { apply: ({ request, tokenFault }) => tokenFault(request) },
};
