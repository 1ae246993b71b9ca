import { LogPrinter } from '../../src/cli/log-printer';
import type { OutputMode } from '../../src/cli/global-options';
import { Output } from '../../src/cli/output';

/** A reader that takes a piece only when it is told to. */
function slowReader(mode: OutputMode) {
  const taken: string[] = [];
  let onDrain: (() => void) | undefined;
  const stdout = {
    write: (text: string) => taken.push(text) > 0,
    get writableNeedDrain() {
      return true;
    },
    once: (event: string, listener: () => void) => {
      if (event === 'drain') onDrain = listener;
    },
  };
  const stderr = { write: () => true };
  const context = { stdout, stderr, env: {} };
  const output = new Output(context as never, { mode, quiet: false });
  return { output, taken, drain: () => onDrain?.() };
}

test.each(['text', 'json'] as const)(
  'no more of a long log is printed than its reader takes (%s)',
  async (mode) => {
    const { output, taken, drain } = slowReader(mode);
    const printer = new LogPrinter(output, false);
    const line = 'x'.repeat(1000);
    let printed = 0;
    const printing = (async () => {
      for (; printed < 1000; printed += 1) await printer.line(line);
      await printer.end();
    })();
    await new Promise(setImmediate);
    expect(taken).toHaveLength(1);
    expect(printed).toBeLessThan(100);
    let isDone = false;
    void printing.then(() => (isDone = true));
    while (!isDone) {
      drain();
      await new Promise(setImmediate);
    }
    const text = taken.join('');
    if (mode === 'text') expect(text).toBe(`${line}\n`.repeat(1000));
    else expect(JSON.parse(text)).toEqual({ lines: Array.from({ length: 1000 }, () => line) });
  },
);

test('a log without lines is a document, too', async () => {
  const { output, taken, drain } = slowReader('json');
  const end = new LogPrinter(output, false).end();
  drain();
  await end;
  expect(taken.join('')).toBe('{"lines":[]}\n');
});
