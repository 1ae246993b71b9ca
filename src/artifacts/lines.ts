import { Readable } from 'node:stream';

/** Lines as the bytes of a text artifact, in pieces, so that a long text isn't copied as a whole. */
export function linesBody(lines: readonly string[]): Readable {
  return Readable.from(pieces(lines));
}

function* pieces(lines: readonly string[]): Generator<string> {
  for (let start = 0; start < lines.length; start += 1000) {
    yield `${lines.slice(start, start + 1000).join('\n')}\n`;
  }
}
