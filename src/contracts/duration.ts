const unitsMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `30m`, `2h`, `1d`, or several of them together, such as `1h30m`; in milliseconds. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?[smhd])+$/i.test(text)) return undefined;
  let totalMs = 0;
  for (const [, count, unit] of text.toLowerCase().matchAll(/([\d.]+)([smhd])/g)) {
    totalMs += Number(count) * unitsMs[unit as keyof typeof unitsMs];
  }
  return Math.round(totalMs);
}
