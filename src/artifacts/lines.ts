/** Lines as the bytes of a text artifact, in pieces, so that a long text isn't copied as a whole. */
export async function* linesBody(lines: readonly string[]): AsyncGenerator<string> {
  for (let start = 0; start < lines.length; start += 1000) {
    yield `${lines.slice(start, start + 1000).join('\n')}\n`;
  }
}
