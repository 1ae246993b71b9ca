import { installationIn } from '../plugin/open-store';
import type { ScheduleTarget } from '../starter/schedules';
import type { Session } from './session';

/** The installation's name, as `remote-jobs worker` has it. */
export async function installationName(session: Session): Promise<string> {
  const { jobs, artifacts } = await session.settings();
  return jobs.installation ?? installationIn(artifacts);
}

export async function scheduleTarget(session: Session, name: string): Promise<ScheduleTarget> {
  return { installation: await installationName(session), name };
}
