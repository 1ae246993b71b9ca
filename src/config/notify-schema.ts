import { z } from 'zod';
import { connectionName } from '../contracts/names';
import { notifyEvents, type NotifyEvent } from '../contracts/notify';
import { isGroup, orUndefined, secretSource, shown, type SettingsOrigin } from './fields';
import { mistakesOf, type Mistake } from './mistakes';
import type { SecretOption, SecretSource } from './secret-source';

/** Where to tell what happens, under `notify`, by name. */
export interface NotifyTargetOptions<Secret = SecretOption> {
  /** The webhook. Where its address is a secret itself: `{ env: NAME }` or `{ file: PATH }`. */
  readonly url: string | Secret;
  /** Which events it is told of. @default all events */
  readonly on?: readonly NotifyEvent[];
  /** Sent with each, by name. */
  readonly headers?: Readonly<Record<string, Secret>>;
  /**
   * What is posted, as JSON; `{{text}}` and the like in its texts are filled in.
   * @default every field
   */
  readonly body?: unknown;
}

export type NotifyTargetSettings = NotifyTargetOptions<SecretSource>;

/** What `{{…}}` in a body may name. */
const notifyFields = [
  'text',
  'id',
  'event',
  'subject',
  'message',
  'next',
  'failureType',
  'vendor',
  'connection',
  'remoteId',
  'workflowId',
  'runId',
  'workflowType',
  'installation',
  'at',
] as const;
export type NotifyField = (typeof notifyFields)[number];

const mostTargets = 20;
const mostBodyBytes = 8 * 1024;
const example = 'https://hooks.example.com/…';

function targetSchema(origin: SettingsOrigin) {
  return z.strictObject({
    url: z.unknown().transform((value, context): string | SecretSource => {
      if (typeof value === 'string') {
        if (/^https?:\/\/[^\s/]/.test(value) && URL.canParse(value)) {
          const { username, password } = new URL(value);
          if (username === '' && password === '') return value;
          const message =
            'must not hold a user or a password: give them as headers.authorization, { env: NAME } or { file: PATH }';
          context.addIssue({ code: 'custom', message });
          return z.NEVER;
        }
        // Not shown: the address of a webhook is often its only secret.
        context.addIssue({ code: 'custom', message: `is no URL: give one such as ${example}` });
        return z.NEVER;
      }
      const source = secretSource(origin).safeParse(value);
      if (source.success) return source.data;
      const give = `give the webhook's address, such as ${example}, or { env: NAME } or { file: PATH }`;
      const message =
        value === undefined || value === null
          ? `is missing: ${give}`
          : `must be a text or a secret: ${give}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }),
    on: z
      .array(
        z.enum(notifyEvents, {
          error: ({ input }) => `must be one of ${notifyEvents.join(', ')}, not ${shown(input)}`,
        }),
        { error: `must be a list of events: ${notifyEvents.join(', ')}` },
      )
      .min(1, 'names no event: leave it out for all of them')
      .nullish()
      .transform(orUndefined),
    headers: z
      .record(
        z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is no name for a header'),
        secretSource(origin),
        {
          error: 'must be headers by their names, each { env: NAME } or { file: PATH }',
        },
      )
      .nullish()
      .transform(orUndefined),
    body: z
      .unknown()
      .superRefine((value, context) => {
        const message = bodyMistake(value);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      })
      .optional(),
  });
}

function bodyMistake(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') return 'must be settings by their names, as they are to be posted';
  const json = JSON.stringify(value);
  if (json.length > mostBodyBytes)
    return `has ${json.length} characters, of ${mostBodyBytes} at most`;
  const known: readonly string[] = notifyFields;
  for (const [all, name = ''] of json.matchAll(/\{\{\s*(\w*)\s*\}\}/g)) {
    if (!known.includes(name)) return `names ${all}: known are ${known.join(', ')}`;
  }
  return undefined;
}

/** Checks the targets one by one; a mistake in one leaves the others. */
export function readNotifyTargets(
  raw: unknown,
  origin: SettingsOrigin,
  mistakes: Mistake[],
): Readonly<Record<string, NotifyTargetSettings>> {
  const found: Record<string, NotifyTargetSettings> = {};
  const schema = targetSchema(origin);
  const targets = Object.entries(isGroup(raw) ? raw : {});
  if (targets.length > mostTargets) {
    mistakes.push({
      path: ['notify'],
      problem: `has ${targets.length} targets, of ${mostTargets} at most`,
    });
  }
  for (const [target, value] of targets) {
    const path = ['notify', target];
    if (!connectionName.test(target)) {
      const problem = 'is no name for a target: take up to 63 letters, digits, "_" and "-"';
      mistakes.push({ path, problem, atKey: true });
    }
    if (!isGroup(value)) {
      mistakes.push({ path, problem: 'must be settings by their names: url, on, headers, body' });
      continue;
    }
    mistakes.push(...mistakesOf(schema, value, path));
    const parsed = schema.safeParse(value);
    if (parsed.success) found[target] = parsed.data;
  }
  return found;
}
