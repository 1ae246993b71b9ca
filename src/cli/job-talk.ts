import type { JobDescription, PendingActivity } from '../starter/describe';
import { formatDuration, localTime } from './durations';
import { bar, killWords, progressWords, remoteName, stageOf, type Stage } from './job-words';
import type { Output } from './output';
import { printable } from './text-width';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;
/** Without a terminal, progress is told when it has gone so far, or after so long. */
const plainStep = 0.1;
const plainEveryMs = 30_000;

/** Those that may take a while. */
const toldStages: ReadonlySet<Stage> = new Set([
  'waiting for a worker',
  'in the queue',
  'fetching',
  'comparing lineage',
  'publishing',
  'killing',
]);

/**
 * Tells a person on stderr how a job gets on: a status line that is drawn over itself on a
 * terminal, a line for each change elsewhere; log lines above it.
 */
export class JobTalk {
  private readonly timer: NodeJS.Timeout | undefined;
  private startedAtMs = Date.now();
  private frame = 0;
  private words: readonly string[] = [];
  private question: string | undefined;
  private stage: Stage | undefined;
  private submitted = false;
  private killed = false;
  private approval = false;
  private queued: string | undefined;
  private trouble: string | undefined;
  private plain = { atMs: 0, share: 0, status: '' };

  constructor(private readonly output: Output) {
    if (output.interactive) this.timer = setInterval(() => this.draw(), frameMs);
    this.timer?.unref();
  }

  look(job: JobDescription): void {
    this.startedAtMs = job.startedAt.getTime();
    const stage = stageOf(job);
    this.tellSubmitted(job);
    this.tellTrouble(job);
    this.tellKill(job);
    this.tellApproval(job);
    const words = this.wordsFor(job, stage);
    if (!this.output.interactive) this.tellPlain(job, stage);
    this.stage = stage;
    this.words = words;
    this.draw();
  }

  log(line: string): void {
    this.output.say(this.output.talkColors.dim(printable(line)));
  }

  /** What stands before it in a chain's queue. */
  queue(words: string | undefined): void {
    if (words === this.queued) return;
    this.queued = words;
    if (words !== undefined && !this.output.interactive) this.output.say(sentence(words));
  }

  /** Shows a question in place of the progress. */
  ask(question: string | undefined): void {
    this.question = question;
    this.draw();
  }

  close(): void {
    clearInterval(this.timer);
    this.output.status();
  }

  private draw(): void {
    if (!this.output.interactive) return;
    if (this.question !== undefined) return this.output.status(this.question);
    const [first, ...more] = this.words;
    if (first === undefined) return;
    this.frame = (this.frame + 1) % frames.length;
    // What comes late may be cut off at the terminal's edge.
    const words = [first, formatDuration(Date.now() - this.startedAtMs), ...more];
    this.output.status(`${frames[this.frame]} ${words.join(' · ')}`);
  }

  private wordsFor({ progress }: JobDescription, stage: Stage): readonly string[] {
    if (stage === 'in the queue') return [this.queued ?? stage];
    if (stage !== 'waiting') return [stage];
    if (progress === undefined) return ['waiting for the first look at the job'];
    const [first = '', ...more] = progressWords(progress);
    return progress.progress === undefined
      ? [first, ...more]
      : [`${bar(progress.progress)} ${first}`, ...more];
  }

  private tellPlain(job: JobDescription, stage: Stage): void {
    const { progress } = job;
    if (stage !== 'waiting') {
      if (toldStages.has(stage) && stage !== this.stage) this.output.say(`${sentence(stage)}…`);
      return;
    }
    if (progress === undefined) return;
    const share = progress.progress ?? 0;
    const due =
      progress.status !== this.plain.status ||
      share >= this.plain.share + plainStep ||
      Date.now() >= this.plain.atMs + plainEveryMs;
    if (!due) return;
    this.plain = { atMs: Date.now(), share, status: progress.status };
    const elapsed = formatDuration(Date.now() - this.startedAtMs);
    this.output.say([...progressWords(progress), elapsed].join(' · '));
  }

  private tellSubmitted({ job }: JobDescription): void {
    if (this.submitted || job?.remoteId === undefined) return;
    this.submitted = true;
    this.output.say(`${remoteName(job.vendor, job.remoteId)} on connection ${job.connection}`);
  }

  private tellKill({ job }: JobDescription): void {
    if (this.killed || job?.kill === undefined) return;
    this.killed = true;
    this.output.say(sentence(killWords(job.kill)));
  }

  private tellApproval({ refresh }: JobDescription): void {
    const { approval, chain = '' } = refresh ?? {};
    if (this.approval || approval === undefined) return;
    this.approval = true;
    const until = localTime(new Date(approval.untilMs));
    this.output.warn(`${printable(approval.title)} waits for an approval until ${until}`);
    this.output.say(`Answer it with: remote-jobs approve ${chain}`);
  }

  /** Why it doesn't get on: the last attempt's failure, or polls that failed. */
  private tellTrouble({ activity, progress }: JobDescription): void {
    const trouble = troubleOf(activity) ?? tryingAgain(progress?.lastError);
    if (trouble === this.trouble) return;
    const over = trouble === undefined && this.trouble !== undefined;
    this.trouble = trouble;
    if (trouble !== undefined) this.output.warn(printable(trouble));
    else if (over) this.output.say('It gets on again.');
  }
}

function troubleOf(activity: PendingActivity | undefined): string | undefined {
  const failure = activity?.lastFailure;
  // A hand-over between workers is no trouble.
  if (failure === undefined || failure.type === 'RemoteJob.HandedOver') return undefined;
  if (failure.message.includes('Heartbeat timeout')) {
    return 'the worker that had the job has gone; another one takes over, or the next that starts';
  }
  return tryingAgain(failure.message);
}

function tryingAgain(words: string | undefined): string | undefined {
  return words === undefined ? undefined : `${words} (trying again)`;
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
