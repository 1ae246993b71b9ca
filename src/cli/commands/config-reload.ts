import { setTimeout as delay } from 'node:timers/promises';
import { command } from '../command';
import { CommandError } from '../errors';
import { exitCodes } from '../exit-codes';
import { reloadWords } from '../reload-worker';
import { findWorkersHere, workerState, type ReloadReport, type WorkerState } from '../worker-state';

const answersWithinMs = 30_000;
const askEveryMs = 50;

export const configReload = command<object>({
  name: 'config reload',
  summary: 'have the workers on this machine take rotated secrets',
  description: `Has each worker that runs on this machine with this configuration file read it anew, and says what
came of it: credentials of connections and \`secrets\` are taken under way, all else at the next start.
It sends SIGHUP, as \`kill -HUP PID\` does; use that in a container, where a worker can't be found so.
A secret in a file is read anew without it: each minute, and where a service refuses the old one.`,
  output: ['reloads'],
  examples: ['remote-jobs config reload', 'remote-jobs config reload --config prod.yaml'],
  run: async (session) => {
    const { output, context } = session;
    const { config } = await session.settings();
    const all = await findWorkersHere(context);
    const workers = all.filter((worker) => worker.config === config.file);
    if (workers.length === 0) {
      const file = config.file ?? 'the environment alone';
      throw new CommandError(
        exitCodes.unreachable,
        `No worker of this user runs on this machine with ${file}. Name its file with --config; elsewhere, send SIGHUP to its process.`,
      );
    }
    const answers = await Promise.all(
      workers.map(async (worker) => ({ worker, report: await reloaded(context, worker) })),
    );
    output.json({
      workers: answers.map(({ worker: { pid, taskQueue }, report }) => ({
        pid,
        taskQueue,
        answered: report !== undefined,
        renewed: report?.renewed ?? [],
        ignored: report?.ignored ?? [],
        problems: report?.problems ?? [],
      })),
    });
    for (const { worker, report } of answers) {
      const said =
        report === undefined
          ? `has not answered within ${answersWithinMs / 1000} s`
          : reloadWords(report);
      output.print(`Worker ${worker.pid} on ${worker.taskQueue}: ${said}`);
    }
    if (answers.some(({ report }) => report === undefined)) return exitCodes.unreachable;
    const isWrong = answers.some(({ report }) => (report?.problems.length ?? 0) > 0);
    return isWrong ? exitCodes.usage : exitCodes.done;
  },
});

async function reloaded(
  context: Parameters<typeof workerState>[0],
  { pid, lastReload }: WorkerState,
): Promise<ReloadReport | undefined> {
  const before = lastReload?.number ?? 0;
  process.kill(pid, 'SIGHUP');
  const endMs = performance.now() + answersWithinMs;
  while (performance.now() < endMs) {
    const report = (await workerState(context, pid))?.lastReload;
    if (report !== undefined && report.number > before) return report;
    await delay(askEveryMs);
  }
  return undefined;
}
