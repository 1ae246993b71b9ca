import { rangeBetween } from '../../src/calendar/moments';
import { renderTexts, timeZoneProblem } from '../../src/calendar/render';
import { formatTokens, sampleTexts } from '../../src/contracts/run-variables';

const vienna = 'Europe/Vienna';

function at(iso: string, text: string, zone = vienna): string {
  return renderTexts(text, Date.parse(iso), zone);
}

test('a sample looks as the real thing does', () => {
  for (const token of Object.keys(formatTokens)) {
    const text = `{{scheduledTime | ${token}}}`;
    expect(at('2026-01-02T02:04:05.678Z', text)).toBe(sampleTexts(text));
  }
});

test('the day is that of the time zone', () => {
  const text = '{{scheduledDate}} {{scheduledTime}}';
  expect(at('2026-05-01T22:30:00Z', text)).toBe('2026-05-02 2026-05-02T00:30:00+02:00');
  expect(at('2026-05-01T22:30:00Z', text, 'UTC')).toBe('2026-05-01 2026-05-01T22:30:00+00:00');
  expect(at('2026-05-01T02:30:00Z', text, 'America/New_York')).toBe(
    '2026-04-30 2026-04-30T22:30:00-04:00',
  );
});

test('days, weeks, months and years are those of the calendar', () => {
  const noon = '2026-03-31T10:00:00Z';
  expect(at(noon, '{{scheduledDate-1d}} {{scheduledDate+1w}}')).toBe('2026-03-30 2026-04-07');
  expect(at(noon, '{{scheduledDate-1mo}} {{scheduledDate-1mo-1d}}')).toBe('2026-02-28 2026-02-27');
  expect(at('2028-02-29T10:00:00Z', '{{scheduledDate-1y}}')).toBe('2027-02-28');
});

test('where the clocks go forward a day keeps its time, and 24 hours do not', () => {
  // At 02:00 on 29 March 2026 it is 03:00 in Vienna.
  const before = '2026-03-28T08:00:00Z';
  expect(at(before, '{{scheduledTime+1d}}')).toBe('2026-03-29T09:00:00+02:00');
  expect(at(before, '{{scheduledTime+24h}}')).toBe('2026-03-29T10:00:00+02:00');
});

test('a time of day that the clocks skip becomes the one an hour later', () => {
  expect(at('2026-03-28T01:30:00Z', '{{scheduledTime}}')).toBe('2026-03-28T02:30:00+01:00');
  expect(at('2026-03-28T01:30:00Z', '{{scheduledTime+1d}}')).toBe('2026-03-29T03:30:00+02:00');
});

test('a time of day that comes twice keeps the UTC offset that it comes from', () => {
  // At 03:00 on 25 October 2026 it is 02:00 once more.
  expect(at('2026-10-24T00:30:00Z', '{{scheduledTime+1d}}')).toBe('2026-10-25T02:30:00+02:00');
  expect(at('2026-10-26T01:30:00Z', '{{scheduledTime-1d}}')).toBe('2026-10-25T02:30:00+01:00');
  expect(at('2026-10-25T00:30:00Z', '{{scheduledTime+1h}}')).toBe('2026-10-25T02:30:00+01:00');
});

test('names of months and days do not depend on the machine', () => {
  const value = { a: '{{scheduledDate | kkkk-WW-E ooo}}', b: [1, true, null] };
  expect(renderTexts(value, Date.parse('2026-12-31T12:00:00Z'), 'UTC')).toEqual({
    a: '2026-53-4 365',
    b: [1, true, null],
  });
});

test('what lies beyond four digits of years is refused', () => {
  expect(() => at('2026-01-01T00:00:00Z', '{{scheduledDate+9999y}}')).toThrow(
    '{{scheduledDate+9999y}} lies outside the years 1 to 9999; give a smaller offset',
  );
});

test('a time zone is known by its IANA name', () => {
  for (const zone of [vienna, 'UTC', 'Asia/Kolkata', 'Etc/GMT+1', 'EST5EDT']) {
    expect(timeZoneProblem(zone)).toBeUndefined();
  }
  expect(timeZoneProblem('Europe/Wien')).toContain('which is no time zone');
  // Temporal's server knows neither other letters nor offsets.
  expect(timeZoneProblem('europe/vienna')).toBe('which is written Europe/Vienna');
  expect(timeZoneProblem('utc')).toBe('which is written UTC');
  for (const zone of ['asia/kolkata', '+03:00']) {
    expect(timeZoneProblem(zone)).toContain('which is no time zone');
  }
  expect(() => at('2026-01-01T00:00:00Z', '', 'Mars/Base')).toThrow('"Mars/Base" is unknown');
});

test('a range of days lasts as long as they last there', () => {
  expect(rangeBetween('2026-03-29', '2026-03-29', vienna)).toEqual({
    from: new Date('2026-03-28T23:00:00Z'),
    to: new Date('2026-03-29T22:00:00Z'),
  });
  expect(rangeBetween('2026-03-29T00:00Z', '2026-03-29T02:00', vienna)).toEqual({
    from: new Date('2026-03-29T00:00:00Z'),
    // Both ends are in it; 02:00 is 03:00 there on that day.
    to: new Date('2026-03-29T01:00:00.001Z'),
  });
  expect(rangeBetween('2026-02-30', '2026-03-01', vienna)).toBeUndefined();
});
