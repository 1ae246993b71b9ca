import type { Mistake } from './findings';
import type { PipelineStepKind } from './pipeline-run';
import type { StepRetry } from './pipeline-steps';

/** What a pipeline may be called; part of its runs' workflow ids. */
export const pipelineName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** What a step may be called; part of its workflow's id, and of expressions. */
export const stepName = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;
/** What a parameter may be called. */
export const paramName = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** Steps of one pipeline. */
export const mostSteps = 5000;
/** Steps that run at once, where the pipeline doesn't say. */
export const defaultMaxParallel = 8;
export const mostParallel = 500;
export const mostStepAttempts = 20;

export const paramTypes = ['string', 'number', 'boolean', 'date'] as const;
/** What a parameter may be; a date is a text such as 2026-05-01. */
export type ParamType = (typeof paramTypes)[number];
/** A value of a parameter; a date is a text. */
export type ParamValue = string | number | boolean;

/** A parameter, as the file declares it. */
export interface PipelineParam {
  readonly type: ParamType;
  readonly description?: string;
  /** Texts may hold `{{scheduledTime}}` and its like. @default none: a value must be given */
  readonly default?: ParamValue;
  /** Only these. @default any of the type */
  readonly enum?: readonly ParamValue[];
}

/** When a step runs, by how those ended that it needs. */
export type StepCondition = 'success' | 'always' | 'failure';

/** One step as it was read. Its texts may hold expressions still. */
export interface PipelineStep {
  readonly name: string;
  readonly kind: PipelineStepKind;
  readonly needs: readonly string[];
  readonly when: StepCondition;
  readonly retry?: StepRetry;
  /** Longest time of one attempt, in milliseconds. */
  readonly timeoutMs?: number;
  /** What its kind takes: `linkis`, `sqlflow`, `chain` or `approval`, as the file has it, checked. */
  readonly body: unknown;
}

/** A pipeline that was read and checked. Plain data. */
export interface PipelineDefinition {
  readonly name: string;
  readonly description?: string;
  /** Of `scheduledTime` and dates. @default 'UTC' */
  readonly timeZone: string;
  readonly params: Readonly<Record<string, PipelineParam>>;
  readonly maxParallel: number;
  /** Longest time of the whole run, in milliseconds. */
  readonly timeoutMs?: number;
  /** In the file's order. */
  readonly steps: readonly PipelineStep[];
}

/** What later steps may read of a step, `{{steps.NAME.OUTPUT}}`, by its kind. */
export const stepOutputs: Readonly<Record<PipelineStepKind, Readonly<Record<string, string>>>> = {
  linkis: {
    taskId: "the task's id on the service",
    connection: 'the connection that it ran on',
    status: 'the word of the service for its end',
    resultSets: 'how many result sets it left',
    result: 'the first result set: the URI of its file in the artifact store',
    rows: 'rows of the first result set',
    log: 'the URI of its log in the artifact store',
  },
  sqlflow: {
    jobId: "the job's id on the service",
    jobName: 'its name there, with the key that tells it from others',
    connection: 'the connection that it ran on',
    status: 'success or partial_success',
    json: 'the URI of its lineage as JSON in the artifact store',
    csv: 'the same as CSV',
    graphml: 'the same as GraphML',
  },
  chain: {
    jobId: "the chain's job on the service",
    end: 'refreshed, unchanged or skipped',
    generation: 'the generation of its job',
    revision: 'the revision that it left, where something was submitted',
    result: "the URI of the refresh's result in the artifact store",
  },
  approval: {
    approvedBy: 'who approved',
  },
};

/** A mistake in a file; line and column count from 1. */
export interface PipelineMistake extends Mistake {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
