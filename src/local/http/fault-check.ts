import { closest } from 'fastest-levenshtein';
import type { FaultAction } from './fault-actions';
import { fieldKinds } from './fault-fields';
import { FaultScriptError, type Fault, type FaultScript } from './fault';

/** Names and actions that a service's scripts may use. */
export interface FaultVocabulary {
  readonly endpoints: readonly string[];
  readonly actions: Readonly<Record<string, FaultAction>>;
}

const commonFields = ['endpoint', 'calls', 'share', 'seed', 'when', 'delayMs', 'do'];

/** @throws FaultScriptError for the first thing in the script that this service can't follow */
export function checkFaultScript(script: FaultScript, vocabulary: FaultVocabulary): void {
  if (!isRecord(script)) fail('A fault script', 'must be a mapping with a list `faults`');
  checkKeys('The fault script', script, ['faults']);
  const faults: unknown = script.faults;
  if (!Array.isArray(faults)) fail('faults', `must be a list, not ${show(faults)}`);
  for (const [index, fault] of (faults as unknown[]).entries()) {
    checkFault(`faults[${index}]`, fault, vocabulary);
  }
}

function checkFault(place: string, fault: unknown, vocabulary: FaultVocabulary): void {
  if (!isRecord(fault)) fail(place, `must be a mapping, not ${show(fault)}`);
  const action = checkAction(place, fault.do, vocabulary.actions);
  checkKeys(place, fault, [...commonFields, ...Object.keys(action.fields ?? {})]);
  const endpoints = ['*', ...(action.endpoints ?? vocabulary.endpoints)];
  if (typeof fault.endpoint !== 'string' || !endpoints.includes(fault.endpoint)) {
    unknownWord(`${place}.endpoint`, fault.endpoint, endpoints);
  }
  if (fault.when !== undefined && fault.when !== 'before' && fault.when !== 'after') {
    unknownWord(`${place}.when`, fault.when, ['before', 'after']);
  }
  checkChoice(place, fault);
  checkNumber(`${place}.seed`, fault.seed, Number.isInteger, 'a whole number');
  checkNumber(`${place}.delayMs`, fault.delayMs, (value) => value >= 0, 'milliseconds, 0 or more');
  for (const [field, kind] of Object.entries(action.fields ?? {})) {
    const value = fault[field];
    const { words, fits } = fieldKinds[kind];
    if (value !== undefined && !fits(value, vocabulary.endpoints)) {
      fail(`${place}.${field}`, `must be ${words}, not ${show(value)}`);
    }
  }
  const wrong = action.check?.(fault as unknown as Fault);
  if (wrong !== undefined) fail(place, wrong);
}

function checkAction(
  place: string,
  word: unknown,
  actions: Readonly<Record<string, FaultAction>>,
): FaultAction {
  const action =
    typeof word === 'string' && Object.hasOwn(actions, word) ? actions[word] : undefined;
  if (word === undefined) return {} as FaultAction;
  return action ?? unknownWord(`${place}.do`, word, Object.keys(actions));
}

function checkChoice(place: string, { calls, share, seed }: Record<string, unknown>): void {
  if (calls !== undefined && share !== undefined) {
    fail(place, 'has both `calls` and `share`; keep one of them');
  }
  if (seed !== undefined && share === undefined) fail(place, 'has a `seed` but no `share`');
  const isCall = (call: unknown) => Number.isInteger(call) && (call as number) >= 1;
  if (calls !== undefined && !(Array.isArray(calls) && calls.every(isCall))) {
    fail(
      `${place}.calls`,
      `must be a list of call numbers from 1, like [1, 3], not ${show(calls)}`,
    );
  }
  checkNumber(`${place}.share`, share, (value) => value > 0 && value <= 1, 'above 0 and up to 1');
}

function checkNumber(
  place: string,
  value: unknown,
  fits: (value: number) => boolean,
  kind: string,
): void {
  if (value === undefined || (typeof value === 'number' && fits(value))) return;
  fail(place, `must be ${kind}, not ${show(value)}`);
}

function checkKeys(place: string, value: Record<string, unknown>, known: readonly string[]): void {
  const stranger = Object.keys(value).find((key) => !known.includes(key));
  if (stranger !== undefined) {
    fail(
      place,
      `has an unknown key \`${stranger}\`; the nearest one it may have is \`${closest(stranger, known)}\``,
    );
  }
}

function unknownWord(place: string, word: unknown, known: readonly string[]): never {
  const hint = typeof word === 'string' ? `; the nearest one is ${closest(word, known)}` : '';
  fail(place, `must be one of ${known.join(', ')}, not ${show(word)}${hint}`);
}

function fail(place: string, what: string): never {
  throw new FaultScriptError(`${place} ${what}.`);
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? typeof value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
