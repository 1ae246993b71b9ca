import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { FaultScriptError, type Fault, type FaultScript } from './fault';
import { builtInActions, type FaultAction } from './fault-actions';
import { checkFaultScript, type FaultVocabulary } from './fault-check';

/** Reads a YAML or JSON file; what it asks for is checked when a service takes it. */
export async function readFaultScript(file: string): Promise<FaultScript> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new FaultScriptError(
      `The fault script ${file} can't be read: ${(error as Error).message}`,
    );
  }
  try {
    return parse(text) as FaultScript;
  } catch (error) {
    throw new FaultScriptError(`The fault script ${file} isn't YAML: ${(error as Error).message}`);
  }
}

/** A fault that is due for a call. */
export interface DueFault {
  readonly fault: Fault;
  readonly action: FaultAction;
  readonly memory: Map<string, unknown>;
}

interface Entry extends DueFault {
  /** Calls by endpoint. */
  readonly seen: Map<string, number>;
}

/** A checked script together with how often each endpoint has been called since it was set. */
export class FaultPlan {
  readonly #entries: Entry[];

  /** @throws FaultScriptError */
  constructor(script: FaultScript, vocabulary: FaultVocabulary) {
    const actions = { ...builtInActions, ...vocabulary.actions };
    checkFaultScript(script, { ...vocabulary, actions });
    this.#entries = script.faults.map((fault) => ({
      fault,
      action: actions[fault.do ?? 'none']!,
      memory: new Map(),
      seen: new Map(),
    }));
  }

  /** Counts a call and answers the first fault of the script that is due for it. */
  next(endpoint: string): DueFault | undefined {
    let due: DueFault | undefined;
    for (const [index, entry] of this.#entries.entries()) {
      if (matches(entry, endpoint) && isHit(entry, endpoint, index)) due ??= entry;
    }
    return due;
  }
}

function matches({ fault, action }: Entry, endpoint: string): boolean {
  if (fault.endpoint !== '*') return fault.endpoint === endpoint;
  return action.endpoints?.includes(endpoint) ?? true;
}

function isHit({ fault, seen }: Entry, endpoint: string, index: number): boolean {
  const ofEndpoint = (seen.get(endpoint) ?? 0) + 1;
  seen.set(endpoint, ofEndpoint);
  if (fault.calls !== undefined) {
    return fault.calls.includes([...seen.values()].reduce((sum, count) => sum + count, 0));
  }
  if (fault.share === undefined) return true;
  return draw(`${fault.seed ?? 1} ${index} ${endpoint} ${ofEndpoint}`) < fault.share;
}

/**
 * 0 up to 1, by the words alone: an endpoint's nth call is hit or not, whatever else is called
 * meanwhile and in whatever order, so that a run with the same seed can be repeated.
 */
function draw(words: string): number {
  return createHash('sha256').update(words).digest().readUInt32BE() / 2 ** 32;
}
