/** One line in 70 that wasn't there is taken for one that was. */
const bitsALine = 16;
/** 8 MiB. For ten million lines it is one in 15 then, and for more of them more. */
const mostBits = 2 ** 26;

/**
 * Which of many lines were there, in a memory of fixed size: two bits a line, found by its hash (a
 * Bloom filter). A line that was there is never missed; one that wasn't may be taken for one that
 * was. So what it says is missing is missing for certain, and a log's end that is not written yet,
 * which is many lines, is never taken for one that is.
 */
export class SeenLines {
  readonly #bits: Uint32Array;
  readonly #mask: number;

  /** @param lines about how many there will be */
  constructor(lines: number) {
    const bits = Math.min(mostBits, 2 ** Math.ceil(Math.log2(Math.max(64, lines * bitsALine))));
    this.#bits = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
  }

  add(line: string): void {
    const [one, other] = this.#places(line);
    this.#bits[one >>> 5]! |= 1 << (one & 31);
    this.#bits[other >>> 5]! |= 1 << (other & 31);
  }

  /** False for certain, true almost. */
  has(line: string): boolean {
    return this.#places(line).every((bit) => (this.#bits[bit >>> 5]! & (1 << (bit & 31))) !== 0);
  }

  #places(line: string): readonly [number, number] {
    // FNV-1a, and the same mixed once more.
    let hash = 0x811c9dc5;
    for (let index = 0; index < line.length; index += 1) {
      hash = Math.imul(hash ^ line.charCodeAt(index), 0x01000193);
    }
    let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return [(hash ^ (hash >>> 15)) & this.#mask, (mixed ^ (mixed >>> 16)) & this.#mask];
  }
}
