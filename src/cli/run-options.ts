import { Option } from 'commander';
import { durationOption, parseDeadline } from './durations';

/** What every command takes that starts a job. */
export interface RunOptions {
  readonly connection?: string;
  readonly id?: string;
  /** Milliseconds from now. */
  readonly deadline?: number;
  readonly out?: string;
  readonly detach?: boolean;
  /** Milliseconds. */
  readonly startWithin: number;
}

export const runOptions: readonly Option[] = [
  new Option('--connection <NAME>', 'which connection, where there are several of this service'),
  new Option('--id <ID>', 'the workflow id (default: made of the kind of job and its name)'),
  new Option(
    '--deadline <D>',
    'longest time for the remote job: 90s, 30m, 2h, 1d, or a time such as 2026-05-01T18:00Z',
  ).argParser((text) => parseDeadline(text)),
  new Option('--out <DIR>', 'put result.json and the files it refers to there'),
  new Option('--detach', 'print the id and leave the job running'),
  new Option('--start-within <D>', 'give up where no worker or no service takes the job')
    .argParser(durationOption)
    .default(60_000, '1m'),
];
