const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of so many columns between its ends, drawn in eighths of a column. */
export function bar(share: number, columns = 24): string {
  const filled = Math.min(1, Math.max(0, share)) * columns;
  const whole = '█'.repeat(Math.floor(filled));
  const part = eighths[Math.floor((filled % 1) * 8)] ?? '';
  return `▕${(whole + part).padEnd(columns, '·')}▏`;
}

/** What a bar may take of a line: none where it would leave no room for words. */
export function barColumns(lineColumns: number): number {
  if (lineColumns < 40) return 0;
  return lineColumns < 72 ? 10 : 24;
}
