import { isDeepStrictEqual } from 'node:util';
import { loadConfig, type RemoteJobsConfig } from '../config/load';
import { ConfigurationError } from '../config/errors';
import type { ReloadedConnections } from '../config/reload';
import type { JobSettings } from '../config/options';
import type { Session } from './session';
import { jobSettings } from './settings';
import { announceWorker, type ReloadReport, type WorkerState } from './worker-state';

/** What only a start reads; schedules are applied by a command of their own. */
const readAtStart = [
  'installation',
  'artifacts',
  'inputs',
  'defaults',
  'limits',
  'metrics',
  'health',
  'log',
  'openlineage',
  'notify',
] as const satisfies readonly (keyof RemoteJobsConfig)[];

/** Has a worker take rotated secrets, one request after the other, and says what came of each. */
export class WorkerReloads {
  private last: Promise<void> = Promise.resolve();
  private count = 0;

  constructor(
    private readonly session: Session,
    private readonly state: Omit<WorkerState, 'host' | 'processStart'>,
    private readonly reload: (jobs: JobSettings) => Promise<ReloadedConnections>,
    private readonly tell: (report: ReloadReport) => void,
  ) {}

  /** Never throws: what is wrong with the file is in the report, and the worker goes on as it was. */
  ask(): void {
    this.last = this.last.then(() => this.run());
  }

  private async run(): Promise<void> {
    this.count += 1;
    const report = { ...(await this.taken()), number: this.count, atMs: Date.now() };
    await announceWorker(this.session.context, { ...this.state, lastReload: report });
    this.tell(report);
  }

  private async taken(): Promise<ReloadedConnections> {
    const { context, flags } = this.session;
    const { config: before, dev } = await this.session.settings();
    try {
      const config = loadConfig({ file: flags.config, env: context.env, cwd: context.cwd });
      const taken = await this.reload(jobSettings(config, dev));
      const changed = readAtStart.filter((key) => !isDeepStrictEqual(before[key], config[key]));
      return { ...taken, ignored: [...taken.ignored, ...changed] };
    } catch (error) {
      const problems =
        error instanceof ConfigurationError ? error.problems : [(error as Error).message];
      return { renewed: [], ignored: [], problems };
    }
  }
}

/** For a person, in one line. */
export function reloadWords({ renewed, ignored, problems }: ReloadedConnections): string {
  const words = [
    renewed.length > 0
      ? `took another credential for ${renewed.join(', ')}`
      : problems.length > 0
        ? 'took nothing of it'
        : 'no credential of a connection in use has changed',
  ];
  if (ignored.length > 0) words.push(`needs a start to take ${ignored.join(', ')}`);
  words.push(...problems);
  return words.join('; ');
}
