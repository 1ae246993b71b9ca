import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../contracts/duration';

/** For `--deadline`: a duration, or a time in ISO 8601; as milliseconds from now. */
export function parseDeadline(text: string, nowMs: number = Date.now()): number {
  const durationMs = parseDuration(text.trim());
  const leftMs = durationMs ?? Date.parse(text) - nowMs;
  if (Number.isNaN(leftMs) || (durationMs === undefined && !/^\d{4}-\d\d-\d\d/.test(text.trim()))) {
    throw new InvalidArgumentError(
      'Give a duration such as 90s, 30m, 2h or 1d, or a time such as 2026-05-01T18:00:00Z.',
    );
  }
  if (leftMs <= 0) {
    throw new InvalidArgumentError(
      durationMs === undefined
        ? `It lies in the past, ${formatDuration(-leftMs)} ago; nothing was started.`
        : 'It leaves no time; nothing was started.',
    );
  }
  return leftMs;
}

/** For options that take a duration only; in milliseconds. */
export function durationOption(text: string): number {
  const durationMs = parseDuration(text.trim());
  if (durationMs === undefined) {
    throw new InvalidArgumentError('Give a duration such as 90s, 30m, 2h or 1d.');
  }
  return durationMs;
}

/** `0.4 s`, `12 s`, `3:07`, `2:03:07`, `3 d 4 h`: for a person. */
export function formatDuration(durationMs: number): string {
  const totalS = Math.max(0, durationMs) / 1000;
  if (totalS < 10) return `${totalS.toFixed(1)} s`;
  const seconds = Math.round(totalS);
  if (seconds < 60) return `${seconds} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}:${two(minutes % 60)}:${two(seconds % 60)}`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `812 B`, `3.4 kB`, `12 MB`: for a person. */
export function formatSize(sizeBytes: number): string {
  let size = sizeBytes;
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (size < 1000 || unit === 'GB') {
      return `${unit === 'B' || size >= 100 ? Math.round(size) : size.toFixed(1)} ${unit}`;
    }
    size /= 1000;
  }
  return `${sizeBytes} B`;
}

/** `2026-05-01 14:02:10`, in the zone of whoever reads it. */
export function localTime(at: Date): string {
  return at.toLocaleString('sv-SE');
}
