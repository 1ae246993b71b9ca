export interface Due {
  /** When its turn is, in milliseconds of the monotonic clock. */
  dueMs: number;
  /** Where it stands in its heap, which keeps this; -1 outside. */
  place: number;
}

/** A binary heap that lets any item go: whoever has waited longest is first, all in O(log n). */
export class DueHeap<Item extends Due> {
  private items: Item[] = [];

  get first(): Item | undefined {
    return this.items[0];
  }

  /** When the first one's turn is. */
  get firstMs(): number {
    return this.items[0]?.dueMs ?? Infinity;
  }

  push(item: Item): void {
    this.items.push(item);
    this.up(item, this.items.length - 1);
  }

  /** Takes an item out, wherever it stands; nothing where it is in no heap. */
  remove(item: Item): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    const last = this.items.pop();
    if (last === undefined || last === item) return;
    this.up(last, place);
    this.down(last, last.place);
  }

  shift(): Item | undefined {
    const item = this.items[0];
    if (item !== undefined) this.remove(item);
    return item;
  }

  /** Takes all out, in no order. */
  takeAll(): Item[] {
    const all = this.items;
    this.items = [];
    for (const item of all) item.place = -1;
    return all;
  }

  private up(item: Item, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = this.items[above];
      if (other === undefined || other.dueMs <= item.dueMs) break;
      this.put(other, place);
      place = above;
    }
    this.put(item, place);
  }

  private down(item: Item, from: number): void {
    let place = from;
    for (;;) {
      const left = this.items[2 * place + 1];
      const right = this.items[2 * place + 2];
      const sooner = right !== undefined && left !== undefined && right.dueMs < left.dueMs;
      const other = sooner ? right : left;
      if (other === undefined || other.dueMs >= item.dueMs) break;
      const below = other.place;
      this.put(other, place);
      place = below;
    }
    this.put(item, place);
  }

  private put(item: Item, place: number): void {
    this.items[place] = item;
    item.place = place;
  }
}
