/** A piece of something that grows, from one place in it to a later one. */
export interface Link {
  readonly from: number;
  readonly to: number;
  /** What the piece holds (lines, rows); need not be `to - from`. */
  readonly count: number;
}

/**
 * The unbroken chain of pieces from 0 that gets furthest. There is a choice only where two attempts
 * wrote at once; every unbroken chain holds each thing once, so the furthest one is right.
 */
export function longestChain<Piece extends Link>(pieces: readonly Piece[]): readonly Piece[] {
  const best = new Map<number, { readonly piece: Piece; readonly reach: number }>();
  // From the back: where a piece ends has been settled before the piece is looked at.
  const fromTheBack = [...pieces].sort((a, b) => b.from - a.from || a.count - b.count);
  for (const piece of fromTheBack) {
    const reach = best.get(piece.to)?.reach ?? piece.to;
    const known = best.get(piece.from);
    if (known === undefined || reach > known.reach) best.set(piece.from, { piece, reach });
  }
  const chain: Piece[] = [];
  for (let next = best.get(0); next !== undefined; next = best.get(next.piece.to)) {
    chain.push(next.piece);
  }
  return chain;
}

/** Wide enough for any safe integer, so that names sort as their places do. */
const digits = 16;

/** `<from>-<to>.<count>`: all that resuming must know of a piece stands in its name. */
export function linkName({ from, to, count }: Link): string {
  const [first, last] = [from, to].map((place) => String(place).padStart(digits, '0'));
  return `${first}-${last}.${count}`;
}

/** Undefined where a name isn't {@link linkName}'s. */
export function parseLinkName(name: string): Link | undefined {
  const match = /^(\d{16})-(\d{16})\.(\d+)$/.exec(name);
  if (match === null) return undefined;
  const [from = 0, to = 0, count = 0] = match.slice(1).map(Number);
  return to > from ? { from, to, count } : undefined;
}
