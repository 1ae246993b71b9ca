import { Context } from '@temporalio/activity';
import { WebhookError } from '../../src/clients/webhook/send';
import { failureTypes } from '../../src/contracts/failure-types';
import type { Notification } from '../../src/contracts/notify';
import { definiteFailure, passingFailure } from '../failure';
import { countNotification } from '../metrics';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';

interface Checkpoint {
  /** Targets that took it. */
  readonly told: readonly string[];
  /** Why others refused it for good, by target. */
  readonly refused?: Readonly<Record<string, string>>;
}

/** One target that is away keeps no other from hearing it. */
export async function sendToAll(
  { notify, secrets, installation }: Pick<ActivityResources, 'notify' | 'secrets' | 'installation'>,
  notification: Notification,
  session: ActivitySession,
): Promise<void> {
  const { event } = notification;
  const before = session.lastDetails<Checkpoint>();
  const told = new Set(before?.told);
  const refused = new Map(Object.entries(before?.refused ?? {}));
  const away = new Map<string, string>();
  const left = (notify?.of(event) ?? []).filter(
    (target) => !told.has(target) && !refused.has(target),
  );
  await Promise.all(
    left.map(async (target) => {
      try {
        await notify?.send(target, { ...notification, installation }, session.signal);
        told.add(target);
        countNotification(event, 'sent');
      } catch (error) {
        session.signal.throwIfAborted();
        const words = secrets.redact(error instanceof Error ? error.message : String(error));
        const isPassing = error instanceof WebhookError && error.isPassing;
        (isPassing ? away : refused).set(target, words);
        countNotification(event, 'failed');
        Context.current().log.warn('a notification was not taken', { target, event, words });
      }
      const now: Checkpoint = { told: [...told], refused: Object.fromEntries(refused) };
      session.beat(now);
    }),
  );
  const problems = [...refused, ...away];
  if (problems.length === 0) return;
  const words = problems.map(([target, why]) => `notify.${target}: ${why}`).join('; ');
  throw away.size > 0
    ? passingFailure(failureTypes.unreachable, words)
    : definiteFailure(failureTypes.configuration, words);
}
