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
}

/** One target that is away keeps no other from hearing it. */
export async function sendToAll(
  { notify, secrets, installation }: Pick<ActivityResources, 'notify' | 'secrets' | 'installation'>,
  notification: Notification,
  session: ActivitySession,
): Promise<void> {
  const { event } = notification;
  const told = new Set(session.lastDetails<Checkpoint>()?.told);
  const left = (notify?.of(event) ?? []).filter((target) => !told.has(target));
  const problems: { readonly target: string; readonly words: string; readonly again: boolean }[] =
    [];
  await Promise.all(
    left.map(async (target) => {
      try {
        await notify?.send(target, { ...notification, installation }, session.signal);
        told.add(target);
        session.beat({ told: [...told] } satisfies Checkpoint);
        countNotification(event, 'sent');
      } catch (error) {
        session.signal.throwIfAborted();
        const words = secrets.redact(error instanceof Error ? error.message : String(error));
        problems.push({ target, words, again: error instanceof WebhookError && error.isPassing });
        countNotification(event, 'failed');
        Context.current().log.warn('a notification was not taken', { target, event, words });
      }
    }),
  );
  if (problems.length === 0) return;
  const words = problems.map(({ target, words }) => `notify.${target}: ${words}`).join('; ');
  throw problems.some(({ again }) => again)
    ? passingFailure(failureTypes.unreachable, words)
    : definiteFailure(failureTypes.configuration, words);
}
