/** Holds the latest item for one reader; an older one that wasn't taken yet is replaced. */
export class Mailbox<Item> {
  private item: { readonly value: Item } | undefined;
  private wake: (() => void) | undefined;

  put(value: Item): void {
    this.item = { value };
    this.wake?.();
  }

  /** The latest item, as soon as there is one. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<Item> {
    while (this.item === undefined) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        // Taken off again: the signal lives as long as the wait, which may be days of sweeps.
        const settle = () => {
          signal.removeEventListener('abort', settle);
          this.wake = undefined;
          resolve();
        };
        this.wake = settle;
        signal.addEventListener('abort', settle);
      });
    }
    const { value } = this.item;
    this.item = undefined;
    return value;
  }
}
