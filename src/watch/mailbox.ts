/**
 * Holds the latest item for one reader; an older one that wasn't taken yet is replaced. One listener
 * hears the signal for all the reading, which may be days of looks: adding one for each item cost
 * more than all else of a look.
 */
export class Mailbox<Item> {
  private item: { readonly value: Item } | undefined;
  private wake: (() => void) | undefined;
  private readonly onAbort = () => this.wake?.();

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', this.onAbort);
  }

  put(value: Item): void {
    this.item = { value };
    this.wake?.();
  }

  /** The latest item, as soon as there is one. Rejects with the signal's reason. */
  async take(): Promise<Item> {
    while (this.item === undefined) {
      this.signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.wake = undefined;
    }
    const { value } = this.item;
    this.item = undefined;
    return value;
  }

  close(): void {
    this.signal.removeEventListener('abort', this.onAbort);
  }
}
