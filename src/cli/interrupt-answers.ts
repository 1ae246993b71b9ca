import { requestCancel } from '../starter/cancel';
import { askKey } from './ask-key';
import type { FollowedJob, FollowSettings } from './followed-job';
import type { JobTalk } from './job-talk';

/** What the user answers to Ctrl-C, and what is done about it. */
export class InterruptAnswers {
  private cancelling = false;

  constructor(
    private readonly job: FollowedJob,
    private readonly settings: FollowSettings,
    private readonly talk: JobTalk,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves only where the job is not waited for any more. */
  async next(): Promise<{ kind: 'detached' | 'left' }> {
    for (;;) {
      const interrupt = await this.settings.interrupts.next();
      if (this.cancelling) return { kind: 'left' };
      if (this.settings.onInterrupt === 'detach' || interrupt === 'SIGHUP') {
        return { kind: 'detached' };
      }
      const answer = interrupt === 'SIGINT' ? await this.ask() : 'cancel';
      if (answer === 'detach') return { kind: 'detached' };
      if (answer === 'cancel') await this.cancel();
    }
  }

  private async ask(): Promise<'detach' | 'cancel' | 'go on'> {
    const { context, output } = this.settings;
    if (context.stdin.isTTY !== true || !output.interactive) return 'cancel';
    this.talk.ask('[d]etach and let it run, [c]ancel it (or Ctrl-C again), any other key: go on ');
    const key = await askKey(context, ['d', 'c'], this.signal);
    this.talk.ask(undefined);
    if (key === 'd') return 'detach';
    return key === 'c' || key === 'ctrl-c' ? 'cancel' : 'go on';
  }

  private async cancel(): Promise<void> {
    const { client, workflowId, runId } = this.job;
    this.cancelling = true;
    const { cancelWords = 'the proof that the remote job has ended' } = this.settings;
    this.settings.output.say(`Cancelling; waiting for ${cancelWords}…`);
    await requestCancel(client, workflowId, runId);
  }
}
