/** Characters that take two columns in a terminal: CJK, full-width forms, emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const marksOnly = /^[\p{Mark}\u200b-\u200d\ufe0f]*$/u;
const plainAscii = /^[ -~]*$/;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What only colors a text: it takes no room, and is never cut in two. */
const colors = /(\u001b\[[0-9;]*m)/;
const colorsOff = '\u001b[0m';

/** Columns that a text takes in a terminal; colors in it take none. */
export function textWidth(text: string): number {
  // Most are; taking the others apart costs a thousand times as much.
  if (plainAscii.test(text)) return text.length;
  let columns = 0;
  for (const part of text.split(colors)) {
    if (colors.test(part)) continue;
    for (const { segment } of graphemes.segment(part)) columns += graphemeWidth(segment);
  }
  return columns;
}

/** Cuts a text to so many columns; what was cut ends in `…`, and its colors end with it. */
export function fitWidth(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let fitted = '';
  let used = 0;
  let isColored = false;
  for (const part of text.split(colors)) {
    if (colors.test(part)) {
      isColored = true;
      fitted += part;
      continue;
    }
    for (const { segment } of graphemes.segment(part)) {
      used += graphemeWidth(segment);
      if (used > columns - 1) return `${fitted}…${isColored ? colorsOff : ''}`;
      fitted += segment;
    }
  }
  return fitted;
}

/** Fills a text up to so many columns; a longer one is cut. */
export function padWidth(text: string, columns: number): string {
  const fitted = fitWidth(text, columns);
  return fitted + ' '.repeat(Math.max(0, columns - textWidth(fitted)));
}

function graphemeWidth(grapheme: string): number {
  if (marksOnly.test(grapheme)) return 0;
  return wide.test(grapheme) ? 2 : 1;
}

/** ECMA-48 escape sequences, CSI and OSC, and what is left of control characters. */
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-_])/g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** They turn the writing of what follows around: a name could show as another one. */
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A service's words may hold escape sequences, which would act on the user's terminal. */
export function printable(text: string): string {
  return text.replace(escapes, '').replace(controls, '').replace(directions, '');
}

/** The same for what stands in a line: a name with a line break must not look like more lines. */
export function printableLine(text: string): string {
  return printable(text).replace(/\s*[\n\t\u2028\u2029]\s*/g, ' ');
}
