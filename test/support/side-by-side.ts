/** Tests that mostly wait, and touch nothing of each other: all run at once, each is told apart. */
export interface SideBySide {
  test(title: string, run: () => Promise<void>): void;
  /** In `beforeAll`, once what they stand on is there. */
  begin(): void;
}

export function sideBySide(withinMs = 120_000): SideBySide {
  const runs: (() => void)[] = [];
  return {
    test(title, run) {
      let ended: Promise<void> | undefined;
      runs.push(() => {
        ended = run();
        // Told by its own test, which may come to its turn later.
        ended.catch(() => undefined);
      });
      test(title, async () => ended, withinMs);
    },
    begin() {
      for (const begin of runs) begin();
    },
  };
}
