import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a condition holds. Fails long after any machine should be through, so that a test says
 * what it waited for; by a clock that no test moves.
 */
export async function until(condition: () => Promise<boolean>, withinMs = 90_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await condition().catch(isUnanswered))) {
    if (performance.now() > endMs)
      throw new Error(`not within ${withinMs} ms: ${condition.toString()}`);
    await sleep(50);
  }
}

/**
 * A busy Temporal server may let one question hang, until the SDK gives it up after half a minute; it
 * answers the next.
 */
function isUnanswered(error: unknown): false {
  const { name, cause } = error as { name?: string; cause?: { message?: string } };
  if (name === 'ServiceError' && cause?.message === 'Timeout expired') return false;
  throw error;
}
