import { Readable } from 'node:stream';
import type { StreamReply } from '../../http/exchange';
import { levelOf, type LogLevel } from '../entrance/log-lines';
import { success } from '../envelope';
import { linesOf } from './text-lines';

const levels: readonly (LogLevel | 'ALL')[] = ['ERROR', 'WARN', 'INFO', 'ALL'];

/** A whole log in its four parts. The file is read for each of them, so that none is ever in memory. */
export function wholeLog(file: string): StreamReply {
  return { stream: Readable.from(pieces(file)), contentType: 'application/json' };
}

async function* pieces(file: string): AsyncGenerator<Buffer> {
  const around = JSON.stringify(success('/api/filesystem/openLog', { log: [] }).json);
  const split = around.indexOf('[') + 1;
  yield Buffer.from(around.slice(0, split));
  for (const [index, level] of levels.entries()) {
    yield Buffer.from(index === 0 ? '"' : ',"');
    let isFirst = true;
    for await (const lines of linesOf(file)) {
      const kept = level === 'ALL' ? lines : lines.filter((line) => levelOf(line) === level);
      if (kept.length === 0) continue;
      const text = (isFirst ? '' : '\n') + kept.join('\n');
      isFirst = false;
      yield Buffer.from(JSON.stringify(text).slice(1, -1));
    }
    yield Buffer.from('"');
  }
  yield Buffer.from(around.slice(split));
}
