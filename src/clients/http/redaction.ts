const redacted = '[redacted]';

const credential =
  '((?:access[_-]?|user[_-]?)?token(?:-code)?|secret_?key|passw(?:or)?d|pwd|secret)';
/** `token=…`, `"token": "…"` and `'token': '…'`, as a service echoes a request; never beyond a line. */
const namedValues = [
  new RegExp(`\\b${credential}(=)[^"'&\\s,;}<]+`, 'gi'),
  new RegExp(`\\b${credential}("\\s*:\\s*")(?:[^"\\\\\r\n]|\\\\.)+`, 'gi'),
  new RegExp(`\\b${credential}('\\s*:\\s*')(?:[^'\\\\\r\n]|\\\\.)+`, 'gi'),
];
const cookieLines = /\b((?:set-)?cookie|authorization)(\s*:\s*)[^\r\n]+/gi;

/**
 * Takes credentials out of a text that goes into an error: the given values in every spelling a
 * service may echo them in, and whatever follows a field name known to hold one.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  const spellings = new Set(secrets.filter((secret) => secret !== '').flatMap(spellingsOf));
  // The longest first, else the rest of a secret that contains another one would stay.
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  let clean = text;
  for (const spelling of longestFirst) clean = clean.replaceAll(spelling, redacted);
  for (const pattern of [...namedValues, cookieLines]) {
    clean = clean.replace(pattern, `$1$2${redacted}`);
  }
  return clean;
}

/** As it is, and as URLs, forms, JSON (inside JSON too, and Gson's, which spares HTML) and HTML have it. */
function spellingsOf(secret: string): string[] {
  // What UTF-8 can't hold, half a surrogate pair, is sent as U+FFFD.
  const wellFormed = Buffer.from(secret).toString();
  const url = encodeURIComponent(wellFormed);
  const json = JSON.stringify(secret).slice(1, -1);
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    secret,
    wellFormed,
    url,
    url.replace(/%../g, (code) => code.toLowerCase()),
    new URLSearchParams({ v: secret }).toString().slice(2),
    json,
    JSON.stringify(json).slice(1, -1),
    json.replace(/[<>&='\u2028\u2029]/g, unicodeEscape),
    html,
    html.replaceAll('"', '&quot;'),
    html.replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
  ];
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
