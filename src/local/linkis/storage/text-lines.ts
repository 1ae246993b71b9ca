import { createReadStream } from 'node:fs';

const blockBytes = 256 * 1024;

/** The lines of a text file, many at a time, at flat memory. */
export async function* linesOf(file: string): AsyncGenerator<string[]> {
  let rest = '';
  const stream = createReadStream(file, { encoding: 'utf8', highWaterMark: blockBytes });
  for await (const block of stream as AsyncIterable<string>) {
    const lines = (rest + block).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
  if (rest !== '') yield [rest];
}
