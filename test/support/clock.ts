const now = Date.now.bind(Date);

/**
 * Sets what `Date.now()` tells in this process so much ahead, until `jest.restoreAllMocks()`: what
 * lasts for hours is over by that, however long the machine takes between two lines. Timers run on
 * as they were.
 */
export function moveClock(aheadMs: number): void {
  jest.spyOn(Date, 'now').mockImplementation(() => now() + aheadMs);
}
