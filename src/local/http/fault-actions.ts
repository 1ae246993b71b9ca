import type { LocalReply, LocalRequest } from './exchange';
import type { Fault } from './fault';
import type { FieldKind } from './fault-fields';
import { late } from './late-action';
import { quotaAction } from './quota-action';

/** What a fault makes of a call: another reply, the reply cut short, or a broken connection. */
export type FaultOutcome =
  | LocalReply
  /** `later` is what the broken call still comes to; its uploads are kept until then. */
  | { readonly broken: 'drop' | 'reset'; readonly later?: Promise<unknown> }
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
  /** What this fault remembers from call to call; empty when the script is set anew. */
  readonly memory: Map<string, unknown>;
  /** Resolves after a time. Rejects when the service closes. */
  readonly pause: (timeMs: number) => Promise<void>;
  /** Resolves when the next call of that endpoint takes effect. Rejects when the service closes. */
  readonly nextEffect: (endpoint: string) => Promise<void>;
}

/** One word that a script may write after `do:`. */
export interface FaultAction {
  /** The only endpoints that it can hit; `*` means all of these then. @default every endpoint */
  readonly endpoints?: readonly string[];
  /** Further fields of the script that it reads, each with what it must be. */
  readonly fields?: Readonly<Record<string, FieldKind>>;
  /** What else is wrong with a fault whose fields are right each by itself. */
  readonly check?: (fault: Fault) => string | undefined;
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
  late,
  loginPage: {
    fields: { status: 'number' },
    apply: ({ fault }) => ({
      status: (fault.status as number | undefined) ?? 200,
      contentType: 'text/html; charset=utf-8',
      text: '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action="/login" method="post"><input name="user"><input name="password" type="password"></form></body></html>',
    }),
  },
  contentType: {
    fields: { contentType: 'text' },
    apply: async ({ fault, effect }) => {
      const reply = await effect();
      const contentType = (fault.contentType as string | undefined) ?? 'text/plain; charset=utf-8';
      return { ...reply, headers: { ...reply.headers, 'content-type': contentType } };
    },
  },
  quota: quotaAction((allowed) => ({
    text: `Too many requests: ${allowed} are allowed in a period.`,
  })),
};
