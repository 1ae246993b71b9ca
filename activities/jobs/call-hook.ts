import { abortable } from '../../src/clients/http/abortable';
import type { JobHooks } from '../../src/contracts/hooks';

/** What a hook may take, in milliseconds. */
const hookTimeMs = 60_000;

/**
 * Calls a function of the application's. One that hangs would hold its job for as long.
 *
 * @throws what it throws; an Error after a minute; the signal's reason
 */
export async function callHook<Answer>(
  name: keyof JobHooks,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Answer | Promise<Answer>,
): Promise<Answer> {
  const tooLate = AbortSignal.timeout(hookTimeMs);
  const brief = AbortSignal.any([signal, tooLate]);
  try {
    return await abortable(Promise.resolve(call(brief)), brief);
  } catch (error) {
    if (signal.aborted || !tooLate.aborted) throw error;
    throw new Error(`the hook ${name} had not answered after ${hookTimeMs / 1000} s`);
  }
}
