import { Option } from 'commander';

export type OutputMode = 'text' | 'json';

/** What was typed of {@link globalOptions}. */
export interface GlobalOptions {
  readonly config?: string;
  readonly output: OutputMode;
  readonly address?: string;
  readonly namespace?: string;
  readonly taskQueue?: string;
  readonly quiet?: boolean;
}

/** The flags that every command takes. */
export const globalOptions: readonly Option[] = [
  new Option('--config <FILE>', 'configuration file (default: remote-jobs.yaml, if there is one)'),
  new Option('--output <FORMAT>', 'text, or json for programs')
    .choices(['text', 'json'])
    .default('text'),
  new Option('--address <HOST:PORT>', "Temporal's address (default: Temporal's own configuration)"),
  new Option('--namespace <NAME>', "Temporal's namespace"),
  new Option('--task-queue <NAME>', "the worker's task queue (default: remote-jobs)"),
  new Option('--quiet', 'only data, warnings and errors'),
];
