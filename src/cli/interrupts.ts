import { isatty } from 'node:tty';
import type { CliContext, InterruptSignal } from './context';

/** Keeps Ctrl-C and the like from when it is made, so that none is lost while nobody waits. */
export class Interrupts {
  private readonly pending: InterruptSignal[] = [];
  private readonly stopListening: () => void;
  private wake: () => void = () => {};
  private readonly first = new AbortController();

  constructor(context: Pick<CliContext, 'onInterrupt'>) {
    this.stopListening = context.onInterrupt((signal) => {
      this.pending.push(signal);
      this.first.abort();
      this.wake();
    });
  }

  /** True where one came that nobody has taken. */
  get any(): boolean {
    return this.pending.length > 0;
  }

  /** Aborts with the first one, taken or not. */
  get signal(): AbortSignal {
    return this.first.signal;
  }

  /** The next one, also when it came already. Only one may wait at a time. */
  async next(): Promise<InterruptSignal> {
    while (this.pending.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.pending.shift() ?? 'SIGINT';
  }

  close(): void {
    this.stopListening();
  }
}

/**
 * A signal that aborts with the first Ctrl-C, for commands that Ctrl-C simply ends. The next one has
 * its usual effect: it ends the process.
 *
 * @param onHangUp what SIGHUP means, where no terminal went away, also while the command ends.
 * @default the end
 */
export function untilInterrupted(
  context: Pick<CliContext, 'onInterrupt' | 'stdin'>,
  onHangUp?: () => void,
): AbortSignal {
  const controller = new AbortController();
  const stopListening = context.onInterrupt((signal) => {
    // A terminal that went away is none any more.
    const lostTerminal = context.stdin.isTTY === true && !isatty(0);
    if (signal === 'SIGHUP' && onHangUp !== undefined && !lostTerminal) return onHangUp();
    if (onHangUp === undefined) stopListening();
    if (!controller.signal.aborted) return controller.abort();
    stopListening();
    process.kill(process.pid, signal);
  });
  return controller.signal;
}
