const backslash = 0x5c;
const letterU = 0x75;

/** What a letter behind a backslash means; 0 where JSON knows no such escape, and for `u`. */
const meanings = new Uint8Array(256);
for (const [letter, meaning] of Object.entries({ b: 8, t: 9, n: 10, f: 12, r: 13 })) {
  meanings[letter.charCodeAt(0)] = meaning;
}
for (const sign of '"\\/') meanings[sign.charCodeAt(0)] = sign.charCodeAt(0);

/** Where an escape of a JSON text ends; -1 for one that UTF-8 can't say (half of a pair) or JSON doesn't know. */
export function passEscape(bytes: Uint8Array, at: number): number {
  const letter = bytes[at + 1] ?? 0;
  if (letter !== letterU) return meanings[letter] === 0 ? -1 : at + 2;
  const unit = hexAt(bytes, at + 2);
  if (unit < 0xd800 || unit > 0xdfff) return unit < 0 ? -1 : at + 6;
  const isPair = unit < 0xdc00 && bytes[at + 6] === backslash && bytes[at + 7] === letterU;
  const second = isPair ? hexAt(bytes, at + 8) : -1;
  return second >= 0xdc00 && second <= 0xdfff ? at + 12 : -1;
}

/**
 * Decodes the escapes of a JSON text where it stands, since none is shorter than what it means.
 * All of them have been passed by {@link passEscape}.
 *
 * @returns where the decoded text ends
 */
export function decodeInPlace(bytes: Uint8Array, start: number, end: number): number {
  let to = start;
  for (let at = start; at < end;) {
    if (bytes[at] !== backslash) {
      bytes[to++] = bytes[at++] as number;
      continue;
    }
    const letter = bytes[at + 1] as number;
    if (letter !== letterU) {
      bytes[to++] = meanings[letter] as number;
      at += 2;
      continue;
    }
    const unit = hexAt(bytes, at + 2);
    const isPair = unit >= 0xd800 && unit <= 0xdfff;
    const point = isPair
      ? 0x10000 + ((unit - 0xd800) << 10) + (hexAt(bytes, at + 8) - 0xdc00)
      : unit;
    to = putPoint(bytes, to, point);
    at += isPair ? 12 : 6;
  }
  return to;
}

function putPoint(bytes: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    bytes[at] = point;
    return at + 1;
  }
  const length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  const lead = length === 2 ? 0xc0 : length === 3 ? 0xe0 : 0xf0;
  bytes[at] = lead | (point >> (6 * (length - 1)));
  for (let index = 1; index < length; index += 1) {
    bytes[at + index] = 0x80 | ((point >> (6 * (length - 1 - index))) & 0x3f);
  }
  return at + length;
}

/** Four hexadecimal digits; -1 where they aren't. */
function hexAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let index = at; index < at + 4; index += 1) {
    const byte = bytes[index] ?? 0;
    const letter = byte | 0x20;
    const digit =
      byte >= 0x30 && byte <= 0x39
        ? byte - 0x30
        : letter >= 0x61 && letter <= 0x66
          ? letter - 0x57
          : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}
