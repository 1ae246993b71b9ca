export const logFormats = ['text', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

/** The least first. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevelName = (typeof logLevels)[number];

/** What a worker of the command line tells on stderr. */
export interface LogSettings {
  /** `text` or `json`. @default 'text' */
  readonly format?: LogFormat;
  /** `trace`, `debug`, `info`, `warn` or `error`; what is less than that isn't said. @default 'warn' */
  readonly level?: LogLevelName;
}
