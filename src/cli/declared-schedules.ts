import path from 'node:path';
import { joinWords } from '../contracts/words';
import type { ScheduleDefinition } from '../contracts/schedule';
import { timingOf } from './schedule-options';
import { scheduledRun } from './scheduled-command';
import type { Session } from './session';

/**
 * The schedules that the configuration declares. Relative paths begin at its folder.
 *
 * @throws CommandError for a command that can't be read
 */
export async function declaredSchedules(session: Session): Promise<readonly ScheduleDefinition[]> {
  const { config } = await session.settings();
  const folder = config.file === undefined ? session.context.cwd : path.dirname(config.file);
  const found: ScheduleDefinition[] = [];
  for (const [name, declared] of Object.entries(config.schedules)) {
    const { run: words, ...options } = declared;
    found.push({
      ...timingOf(options),
      name,
      run: await scheduledRun(session, { words, schedule: name, folder }),
      command: joinWords(words),
    });
  }
  return found;
}
