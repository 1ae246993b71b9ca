import path from 'node:path';
import { joinWords } from '../contracts/words';
import type { ScheduleDefinition } from '../contracts/schedule';
import { CommandError, usageError } from './errors';
import { timingOf } from './schedule-options';
import { scheduledRun } from './scheduled-command';
import type { Session } from './session';

/**
 * The schedules that the configuration declares. Relative paths begin at its folder.
 *
 * @throws CommandError with every command that can't be read
 */
export async function declaredSchedules(session: Session): Promise<readonly ScheduleDefinition[]> {
  const { config } = await session.settings();
  const folder = config.file === undefined ? session.context.cwd : path.dirname(config.file);
  const found: ScheduleDefinition[] = [];
  const problems: string[] = [];
  for (const [name, { run: words, ...options }] of Object.entries(config.schedules)) {
    try {
      const run = await scheduledRun(session, { words, schedule: name, folder });
      found.push({ ...timingOf(options), name, run, command: joinWords(words) });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      problems.push(`schedules.${name}.run: ${error.message}`);
    }
  }
  if (problems.length > 0) throw usageError(problems.join('\n       '));
  return found;
}
