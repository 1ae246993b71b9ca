import type { JobDescription } from '../starter/describe';
import { formatDuration, localTime } from './durations';
import {
  killWords,
  progressWords,
  remoteName,
  sentence,
  stageOf,
  troubleOf,
  type Stage,
} from './job-words';
import { jobLines } from './live/job-view';
import { LiveBlock } from './live/live-block';
import type { PipelineView } from './live/pipeline-look';
import { changedStepLines, pipelineLines } from './live/pipeline-view';
import type { TreeRoom } from './live/step-tree';
import type { Output } from './output';
import { printable } from './text-width';

/** Without a terminal, progress is told when it has gone so far, or after so long. */
const plainStep = 0.1;
const plainEveryMs = 30_000;

/** Those that may take a while. */
const toldStages: ReadonlySet<Stage> = new Set([
  'paused in Temporal',
  'waiting for a worker',
  'in the queue',
  'fetching',
  'comparing lineage',
  'publishing',
  'killing',
]);

/**
 * Tells a person on stderr how a job gets on: some lines that are drawn over themselves on a
 * terminal, a line for each change elsewhere; log lines above them.
 */
export class JobTalk {
  private readonly live: LiveBlock | undefined;
  private startedAtMs = Date.now();
  private job: JobDescription | undefined;
  private readonly stages = new Map<Stage, number>();
  private readonly tail: string[] = [];
  private usualMs: number | undefined;
  private stage: Stage | undefined;
  private submitted = false;
  private killed = false;
  private approval = false;
  private queued: string | undefined;
  private trouble: string | undefined;
  private pipelineView: PipelineView | undefined;
  private readonly standings = new Map<string, string>();
  private plain = { atMs: 0, share: 0, status: '' };

  /** @param tailLines of the log in the live lines, instead of all of it above them. @default 0 */
  constructor(
    private readonly output: Output,
    private readonly tailLines = 0,
  ) {
    this.live = LiveBlock.on(output, (room) => this.lines(room));
  }

  look(job: JobDescription): void {
    this.startedAtMs = job.startedAt.getTime();
    const stage = stageOf(job);
    this.tellSubmitted(job);
    this.tellTrouble(job);
    this.tellKill(job);
    this.tellApproval(job);
    if (!this.output.interactive) this.tellPlain(job, stage);
    if (stage !== this.stage) this.stages.set(stage, Date.now());
    this.stage = stage;
    this.job = job;
    this.live?.draw();
  }

  log(line: string): void {
    if (this.live === undefined || this.tailLines === 0) {
      return this.output.say(this.output.talkColors.dim(printable(line)));
    }
    this.tail.push(line);
    if (this.tail.length > this.tailLines) this.tail.shift();
  }

  /** How a pipeline's steps stand. */
  pipeline(view: PipelineView | undefined): void {
    if (view === undefined) return;
    this.pipelineView = view;
    if (this.live !== undefined) return;
    for (const line of changedStepLines(view.state.steps, this.standings)) this.output.say(line);
  }

  /** How long earlier runs of the same took, in milliseconds. */
  usual(durationMs: number | undefined): void {
    this.usualMs = durationMs;
  }

  /** What stands before it in a chain's queue. */
  queue(words: string | undefined): void {
    if (words === this.queued) return;
    this.queued = words;
    if (words !== undefined && !this.output.interactive) this.output.say(sentence(words));
  }

  /** Shows a question in place of the progress. */
  ask(question: string | undefined): void {
    this.live?.ask(question);
  }

  close(): void {
    this.live?.close();
  }

  private lines(room: TreeRoom): readonly string[] {
    const { job, queued, trouble, usualMs, stages, tail: log } = this;
    const { pipelineView } = this;
    if (pipelineView !== undefined) return pipelineLines(pipelineView, room, usualMs);
    return job === undefined ? [] : jobLines({ job, queued, trouble, usualMs, stages, log }, room);
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
    const { approval } = refresh ?? {};
    if (this.approval || refresh === undefined || approval === undefined) return;
    this.approval = true;
    const until = localTime(new Date(approval.untilMs));
    this.output.warn(`${printable(approval.title)} waits for an approval until ${until}`);
    const { chain, connection } = refresh;
    this.output.say(`Answer it with: remote-jobs approve ${chain} --connection ${connection}`);
  }

  private tellTrouble(job: JobDescription): void {
    const trouble = troubleOf(job);
    if (trouble === this.trouble) return;
    const over = trouble === undefined && this.trouble !== undefined;
    this.trouble = trouble;
    if (trouble !== undefined) this.output.warn(printable(trouble));
    else if (over) this.output.say('It gets on again.');
  }
}
