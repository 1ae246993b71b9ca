import path from 'node:path';
import { z } from 'zod';
import { nearest } from './nearest';
import { LiteralSecret, type SecretSource } from './secret-source';

/** Where settings come from: it decides whether secrets may be literal, and what paths are relative to. */
export interface SettingsOrigin {
  readonly kind: 'file' | 'code';
  /** Absolute; relative paths begin here. */
  readonly folder: string;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a group of settings' : `a ${typeof value}`;
}

/** A wrong value in a message; long and nested ones by their kind. */
export function shown(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? kindOf(value)
    : (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}

function absent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** A text that isn't blank; `give` says what to write. */
export function text(give: string) {
  return z
    .string({
      error: ({ input }) => {
        if (absent(input)) return `is missing: ${give}`;
        return typeof input === 'object'
          ? `must be a text, not ${kindOf(input)}: ${give}`
          : `must be a text, not ${kindOf(input)}: put it in quotes`;
      },
    })
    .refine((value) => value.trim() !== '', `is blank: ${give}`);
}

export function name(what: string, example: string) {
  return text(`give ${what}, such as "${example}"`);
}

/** A whole number between 1 and a limit. */
export function count(unit: string, limit: number) {
  return requiredCount(unit, limit).nullish().transform(orUndefined);
}

function requiredCount(unit: string, limit: number) {
  return z.custom<number>(
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= limit,
    {
      error: ({ input }) =>
        `must be a whole number of ${unit} from 1 to ${limit}, not ${shown(input)}`,
    },
  );
}

export function orUndefined<T>(value: T | null | undefined): T | undefined {
  return value ?? undefined;
}

/** How many calls a service allows. */
export function requestQuota() {
  const give = 'such as { calls: 10000, per: month }';
  return z
    .strictObject(
      {
        calls: requiredCount('calls', 1_000_000_000),
        per: z.enum(['day', 'month'], {
          error: ({ input }) =>
            absent(input)
              ? 'is missing: give day or month'
              : `must be day or month, not ${shown(input)}`,
        }),
        share: z
          .custom<number>((value) => typeof value === 'number' && value > 0 && value <= 1, {
            error: ({ input }) =>
              `must be this worker's part of the calls, over 0 and up to 1, not ${shown(input)}`,
          })
          .nullish()
          .transform(orUndefined),
      },
      {
        error: ({ input }) =>
          `must say how many calls the service allows, ${give}, not ${shown(input)}`,
      },
    )
    .nullish()
    .transform(orUndefined);
}

/** A path, made absolute. `~` is the shell's, and would make a folder of that name. */
export function filePath(origin: SettingsOrigin, give: string) {
  return text(give)
    .refine(
      (value) => !/^~(\/|$)/.test(value),
      'begins with "~", which only a shell knows: write the whole path',
    )
    .refine((value) => !value.includes('\0'), 'holds a NUL character')
    .transform((value) => path.resolve(origin.folder, value));
}

/** A base URL, without what the client appends itself. */
export function baseUrl(give: string, appended: RegExp) {
  return text(give).superRefine((value, context) => {
    const message = urlMistake(value, give, appended);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

function urlMistake(value: string, give: string, appended: RegExp): string | undefined {
  if (value.trim() === '') return undefined;
  if (!URL.canParse(value)) return `is no URL: ${give}`;
  const url = new URL(value);
  if (!/^https?:$/.test(url.protocol)) return `must begin with http:// or https://: ${give}`;
  if (url.username !== '' || url.password !== '') {
    return 'must not hold a user or a password: give them by their own settings';
  }
  if (value.includes('?') || value.includes('#')) {
    return 'must end with its path: leave out everything from "?" or "#" on';
  }
  const end = appended.exec(url.pathname)?.[0];
  if (end !== undefined) return `must end before "${end}", which is appended by itself`;
  return undefined;
}

/** Where to listen: `host:port`, or `[host]:port` for IPv6. */
export function socketAddress(example: string) {
  return text(`give host and port, such as ${example}`).superRefine((value, context) => {
    const message = socketMistake(value, example);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

/** What is wrong with a `host:port`; undefined where nothing is. */
export function socketMistake(value: string, example: string): string | undefined {
  const [, , port] = /^(\[[0-9a-f:.]+\]|[0-9a-z.-]+):(\d+)$/i.exec(value) ?? [];
  if (port !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return undefined;
  return `is ${shown(value)}: give host and port, such as ${example}`;
}

/** `{ env: NAME }` or `{ file: PATH }`; in code `{ value: … }` too. Its messages never hold the value. */
export function secretSource(origin: SettingsOrigin) {
  return z.unknown().transform((value, context): SecretSource => {
    const source = readSource(value, origin);
    if (typeof source !== 'string') return source;
    context.addIssue({ code: 'custom', message: source });
    return z.NEVER;
  });
}

function readSource(value: unknown, origin: SettingsOrigin): SecretSource | string {
  if (value instanceof LiteralSecret) return value;
  const give =
    origin.kind === 'file'
      ? '{ env: NAME } or { file: PATH }'
      : '{ env: NAME }, { file: PATH } or { value: … }';
  if (absent(value)) return `is missing: give ${give}`;
  if (typeof value !== 'object') {
    return origin.kind === 'file'
      ? `holds a literal secret, which must not stand in a file: put it into an environment variable or a file of its own, and write ${give}`
      : `must say where the secret is: ${give}`;
  }
  const [[kind, at] = ['', ''], ...more] = Object.entries(value as object);
  const kinds = origin.kind === 'file' ? ['env', 'file'] : ['env', 'file', 'value'];
  if (more.length > 0 || !kinds.includes(kind)) {
    const near = more.length > 0 ? undefined : nearest(kind, kinds);
    return `must be ${give}${near === undefined ? '' : `, and not "${kind}": did you mean "${near}"?`}`;
  }
  if (typeof at !== 'string' || at.trim() === '') return `has a blank "${kind}": give ${give}`;
  if (kind === 'value') return new LiteralSecret(at);
  if (kind === 'env') return { env: at };
  return at.startsWith('~/')
    ? 'names a file that begins with "~", which only a shell knows: write the whole path'
    : { file: path.resolve(origin.folder, at) };
}

/** Settings by their names. */
export type Group = Readonly<Record<string, unknown>>;

export function isGroup(value: unknown): value is Group {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
