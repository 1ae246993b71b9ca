const redacted = '[redacted]';

/** `token=…` and `"token": "…"`, as a service echoes a request. */
const namedValues =
  /\b((?:access[_-]?|user[_-]?)?token(?:-code)?|secret_?key|passw(?:or)?d|pwd|secret)(=|"\s*:\s*"|'\s*:\s*')[^"'&\s,;}<]+/gi;
const cookieLines = /\b((?:set-)?cookie|authorization)(\s*:\s*)[^\r\n]+/gi;

/**
 * Takes credentials out of a text that goes into an error: the given values in every spelling a
 * service may echo them in, and whatever follows a field name known to hold one.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  const spellings = new Set<string>();
  for (const secret of secrets) {
    if (secret === '') continue;
    spellings.add(secret);
    spellings.add(encodeURIComponent(secret));
    spellings.add(new URLSearchParams({ v: secret }).toString().slice(2));
    spellings.add(JSON.stringify(secret).slice(1, -1));
    spellings.add(secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
  }
  // The longest first, else the rest of a secret that contains another one would stay.
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  let clean = text;
  for (const spelling of longestFirst) clean = clean.replaceAll(spelling, redacted);
  return clean.replace(namedValues, `$1$2${redacted}`).replace(cookieLines, `$1$2${redacted}`);
}
