/** Sizes in the picture's own units: pixels at a zoom of 1. */
export const sizes = {
  header: 32,
  row: 20,
  /** Below a table's last row. */
  foot: 6,
  /** Between the border of a table and its words. */
  inset: 10,
  /** For the triangle that opens and closes a table. */
  handle: 16,
  gapBelow: 22,
  /** Between two layers: room for the curves. */
  gapBeside: 110,
  narrowest: 150,
  widest: 290,
} as const;

/** Rows of a table before the rest is one row, "… 12 more". */
export const mostRows = 40;

const characterWidth = { title: 10, header: 8, row: 7, note: 6.5 };

/**
 * About how wide a text will be, in a font that nobody here knows: a page and a document without
 * one must come out alike everywhere. Chinese, Japanese and Korean characters count twice.
 */
export function textWidth(text: string, place: keyof typeof characterWidth): number {
  let characters = 0;
  for (const character of text) characters += isWide(character.codePointAt(0)!) ? 1.8 : 1;
  return characters * characterWidth[place];
}

/** A text that fits, its middle left out where it is too long: names differ at both ends. */
export function fitted(text: string, width: number, place: keyof typeof characterWidth): string {
  if (textWidth(text, place) <= width) return text;
  const all = [...text];
  let kept = Math.max(2, Math.floor(width / characterWidth[place]) - 1);
  for (;;) {
    const head = Math.ceil(kept / 2);
    const short = `${all.slice(0, head).join('')}…${all.slice(all.length - (kept - head)).join('')}`;
    if (kept <= 2 || textWidth(short, place) <= width) return short;
    kept -= 1;
  }
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    code >= 0x1f300
  );
}
