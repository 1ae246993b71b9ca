import type { PipelineState } from '../../contracts/pipeline-run';
import type { PipelineSummary } from '../../starter/pipelines';
import type { ListedJob } from './runs';

/** What is wrong with pipelines' files. */
export interface PipelineCheckedDocument {
  /** True where no file has a mistake. */
  readonly ok: boolean;
  readonly files: readonly {
    /** As one would type it here. */
    readonly file: string;
    /** The pipeline's own name. */
    readonly name: string;
    readonly ok: boolean;
    /** How many. */
    readonly steps: number;
    readonly mistakes: readonly {
      /** `steps.load.linkis.engine` */
      readonly field: string;
      readonly problem: string;
      /** Where it stands, from 1; absent of a parameter that was given here. */
      readonly line?: number;
      readonly column?: number;
    }[];
  }[];
}

/** A pipeline's picture: in the document, or in a file. */
export interface PipelineDrawnDocument {
  readonly name: string;
  readonly format: 'mermaid' | 'svg';
  /** Absent where it went to a file. */
  readonly text?: string;
  readonly out?: string;
}

/** Runs of pipelines, the newest first. */
export interface PipelinesDocument {
  readonly pipelines: readonly (PipelineSummary & {
    /** The workflow id. */
    readonly id: string;
  })[];
}

/** Everything that is known of a pipeline's run. */
export interface PipelineDocument extends ListedJob {
  /** The run's own account of its steps; absent where no worker answers. */
  readonly state?: PipelineState;
}
