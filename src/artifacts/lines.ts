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

/** The lines of a text artifact, each of which ends with `\n`. */
export async function* splitLines(
  bytes: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = '';
  for await (const piece of bytes) {
    const text = typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    const [first = '', ...more] = text.split('\n');
    rest += first;
    for (const next of more) {
      yield rest;
      rest = next;
    }
  }
}
