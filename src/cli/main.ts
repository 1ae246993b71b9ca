#!/usr/bin/env node
import type { CliContext, InterruptSignal } from './context';
import type { ExitCode } from './exit-codes';
import { late } from './load-late';

const signals: readonly InterruptSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

// A reader that has seen enough (`remote-jobs list | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// Talk that nobody reads any more is no reason to leave a job, or to tell another exit code.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

/** A shell that completes a line is answered before all commands are loaded. */
async function answer([first, ...rest]: readonly string[], context: CliContext): Promise<ExitCode> {
  if (first !== '__complete') {
    return late.program().runCli(first === undefined ? [] : [first, ...rest], context);
  }
  await late.complete().complete(rest, context);
  return 0;
}

void answer(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  onInterrupt(listener) {
    const listeners = signals.map((signal) => [signal, () => listener(signal)] as const);
    for (const [signal, heard] of listeners) process.on(signal, heard);
    return () => {
      for (const [signal, heard] of listeners) process.off(signal, heard);
    };
  },
}).then((exitCode) => {
  process.exitCode = exitCode;
  // What a library left open (a socket, a timer) must not keep a finished command from ending.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
});
