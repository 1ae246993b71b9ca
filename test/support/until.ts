import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds; fails after a while, so that a test says what it waited for. */
export async function until(condition: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms: ${condition.toString()}`);
    await sleep(50);
  }
}
