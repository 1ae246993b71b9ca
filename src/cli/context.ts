/** Where a command writes; a terminal's stream or a test's. */
export interface OutputStream {
  write(text: string): boolean;
  /** True while whoever reads has not kept up: `drain` follows. */
  readonly writableNeedDrain?: boolean;
  once?(event: 'drain' | 'close', listener: () => void): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal in characters. */
  readonly columns?: number;
  /** Its height in lines. */
  readonly rows?: number;
}

/** Where a command reads keys from. */
export interface InputStream extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

/** Ctrl-C, a request to end, and a terminal that went away. */
export type InterruptSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Everything that a command takes from its process, so that a test can run it inside its own. */
export interface CliContext {
  readonly stdin: InputStream;
  /** Data. */
  readonly stdout: OutputStream;
  /** Talk. */
  readonly stderr: OutputStream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Calls the listener for Ctrl-C and the like; the answer stops that. */
  onInterrupt(listener: (signal: InterruptSignal) => void): () => void;
}
