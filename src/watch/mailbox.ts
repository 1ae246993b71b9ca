/**
 * What one reader is told, one `next` at a time. It holds the latest item; an older one that wasn't
 * taken yet is replaced. It ends when the reader leaves, and with the signal's reason.
 *
 * No generator: of ten thousand readers each waits for seconds, so that what a step leaves on the
 * heap grows old. This is one promise; a generator's five, with what they hold, were half of what
 * the collector had to mark the whole heap for.
 */
export class Mailbox<Item> implements AsyncIterableIterator<Item, undefined> {
  private item: { readonly value: Item } | undefined;
  private reader: Reader<Item> | undefined;
  private isClosed = false;
  private readonly onAbort = () => {
    if (this.reader === undefined) return;
    this.close();
    this.reader.reject(this.signal.reason as Error);
  };

  /**
   * @param signal one listener hears it for all the reading, which may be days of looks
   * @param onClose called once, however the reading ends
   */
  constructor(
    private readonly signal: AbortSignal,
    private readonly onClose: () => void,
  ) {
    signal.addEventListener('abort', this.onAbort);
  }

  put(value: Item): void {
    const { reader } = this;
    if (reader === undefined) {
      this.item = { value };
      return;
    }
    this.reader = undefined;
    reader.resolve({ value, done: false });
  }

  /** The latest item, as soon as there is one. */
  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.isClosed) return this.return();
    const { item } = this;
    if (item !== undefined) {
      this.item = undefined;
      return Promise.resolve({ value: item.value, done: false });
    }
    return new Promise((resolve, reject) => {
      this.reader = { resolve, reject };
      if (this.signal.aborted) this.onAbort();
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.close();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.signal.removeEventListener('abort', this.onAbort);
    this.onClose();
  }
}

interface Reader<Item> {
  resolve(result: IteratorResult<Item, undefined>): void;
  reject(reason: Error): void;
}
