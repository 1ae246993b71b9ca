/** Bytes that grow at their end, in one piece of memory that is used again after `clear`. */
export class ByteSink {
  /** What has been written are the first `length` of these. */
  bytes: Buffer;
  length = 0;

  constructor(roomBytes = 64 * 1024) {
    this.bytes = Buffer.allocUnsafeSlow(roomBytes);
  }

  /** Makes room for so many bytes more; `bytes` may be another piece of memory afterwards. */
  reserve(moreBytes: number): void {
    const needed = this.length + moreBytes;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  text(text: string): void {
    // A UTF-16 unit takes three bytes at most.
    this.reserve(3 * text.length);
    this.length += this.bytes.write(text, this.length);
  }

  /** What has been written; valid until `clear`. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}
