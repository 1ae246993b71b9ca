import { addAbortSignal, PassThrough, type Readable } from 'node:stream';

/**
 * An object's body while it comes: it is closed with whoever reads it, and `explain` is asked about
 * what goes wrong on the way, a connection that ends too early among it.
 */
export function explainedBody(
  body: Readable,
  signal: AbortSignal,
  explain: (error: unknown) => unknown,
): Readable {
  const output = quiet(addAbortSignal(signal, new PassThrough()));
  const fail = (error: unknown) => output.destroy(explain(error) as Error);
  body.on('error', fail);
  body.on('close', () => {
    if (!body.readableEnded) fail(Object.assign(new Error('cut off'), { code: 'ECONNRESET' }));
  });
  output.on('close', () => body.destroy());
  return body.pipe(output);
}

/**
 * Keeps a stream that breaks before anybody reads it from ending the process; whoever reads it gets
 * its error all the same.
 */
export function quiet<Stream extends Readable>(stream: Stream): Stream {
  return stream.on('error', () => undefined);
}
