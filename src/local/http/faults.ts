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

/** A checked script together with how often each endpoint has been called since it was set. */
export class FaultPlan {
  readonly #faults: { fault: Fault; random: () => number; seen: number }[];
  readonly #actions: Readonly<Record<string, FaultAction>>;

  /** @throws FaultScriptError */
  constructor(script: FaultScript, vocabulary: FaultVocabulary) {
    this.#actions = { ...builtInActions, ...vocabulary.actions };
    checkFaultScript(script, { ...vocabulary, actions: this.#actions });
    this.#faults = script.faults.map((fault) => ({
      fault,
      random: seededRandom(fault.seed ?? 1),
      seen: 0,
    }));
  }

  /** Counts a call and answers the first fault of the script that is due for it. */
  next(endpoint: string): { fault: Fault; action: FaultAction } | undefined {
    let due: Fault | undefined;
    for (const entry of this.#faults) {
      const { fault } = entry;
      if (fault.endpoint !== '*' && fault.endpoint !== endpoint) continue;
      entry.seen += 1;
      const hit =
        fault.calls?.includes(entry.seen) ??
        (fault.share === undefined || entry.random() < fault.share);
      if (hit) due ??= fault;
    }
    const action = this.#actions[due?.do ?? 'none'];
    return due && action && { fault: due, action };
  }
}

/** mulberry32: small, and the same on every machine, so that a script's run can be repeated. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
