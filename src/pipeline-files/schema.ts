import { z } from 'zod';
import { orUndefined, shown, text } from '../config/fields';
import {
  mostParallel,
  mostStepAttempts,
  paramName,
  paramTypes,
  pipelineName,
  stepName,
} from '../contracts/pipeline';
import type { PipelineStepKind } from '../contracts/pipeline-run';
import { approvalBody, chainBody, linkisBody, sqlflowBody } from './body-schemas';
import { duration, list, oneOf, wholeNumber } from './fields';

const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: ({ input }) => `must be text, a number, true or false, not ${shown(input)}`,
});

export const paramSchema = z
  .strictObject(
    {
      type: z
        .enum(paramTypes, {
          error: ({ input }) =>
            input === undefined || input === null
              ? `is missing: give one of ${paramTypes.join(', ')}`
              : `must be one of ${paramTypes.join(', ')}, not ${shown(input)}`,
        })
        .describe('string, number, boolean or date (yyyy-MM-dd)'),
      description: text('say what it is for').nullish().transform(orUndefined),
      default: scalar
        .nullish()
        .transform(orUndefined)
        .describe('Where none is given; texts may hold {{scheduledDate}} and its like'),
      enum: z
        .array(scalar, { error: 'must be a list of values' })
        .min(1, 'is empty: name the values that are allowed, or leave it out')
        .nullish()
        .transform(orUndefined)
        .describe('The only values that are allowed'),
    },
    { error: 'must be { type: … }' },
  )
  .describe('A parameter; without a default it must be given');

const retrySchema = z
  .union(
    [
      wholeNumber('attempts', 1, mostStepAttempts),
      z.strictObject({
        maxAttempts: wholeNumber('attempts', 1, mostStepAttempts).describe('Attempts in all'),
        wait: duration('30s').describe('Before the second attempt; 10s'),
        factor: z
          .number({ error: 'must be a number from 1 to 10' })
          .min(1, 'must be at least 1')
          .max(10, 'must be at most 10')
          .nullish()
          .transform(orUndefined)
          .describe('By what each later wait is longer; 2'),
        mostWait: duration('5m').describe('The longest wait; 5m'),
      }),
    ],
    {
      error: ({ input }) =>
        `must be how often it is tried in all, from 1 to ${mostStepAttempts}, or { maxAttempts, wait, factor, mostWait }, not ${shown(input)}`,
    },
  )
  .nullish()
  .transform(orUndefined)
  .describe('Tries a failed step again');

/** What every step may have. */
const stepCommon = {
  needs: list('steps').describe('Steps that must have ended before'),
  when: oneOf(['success', 'always', 'failure']).describe(
    'success: all that it needs succeeded; failure: one of them failed; always: all have ended',
  ),
  retry: retrySchema,
  timeout: duration('2h').describe('Longest time of one attempt'),
};

export const bodySchemas = {
  linkis: linkisBody,
  sqlflow: sqlflowBody,
  chain: chainBody,
  approval: approvalBody,
} as const satisfies Record<PipelineStepKind, z.ZodType>;

export const kinds = Object.keys(bodySchemas) as PipelineStepKind[];

/** A step but for its body, which is checked by its own schema. */
export const stepSchema = z.strictObject(
  {
    linkis: z.unknown().optional(),
    sqlflow: z.unknown().optional(),
    chain: z.unknown().optional(),
    approval: z.unknown().optional(),
    ...stepCommon,
  },
  { error: `must be a step: one of ${kinds.join(', ')}, with needs, when, retry, timeout` },
);

const top = {
  name: text('give the pipeline a name')
    .refine(
      (value) => pipelineName.test(value),
      'is no name for a pipeline: take up to 63 letters, digits, ".", "_" and "-"',
    )
    .describe("The pipeline's name; part of its runs' ids"),
  description: text('say what it is for').nullish().transform(orUndefined),
  timeZone: text('give an IANA name such as Europe/Vienna')
    .nullish()
    .transform(orUndefined)
    .describe('Of {{scheduledTime}} and of dates; UTC'),
  maxParallel: wholeNumber('steps', 1, mostParallel)
    .nullish()
    .transform(orUndefined)
    .describe('Steps that run at once; 8'),
  timeout: duration('12h').describe('Longest time of the whole run'),
  onCancel: oneOf(['delete', 'abandon']).describe(
    'What a cancel does with simple SQLFlow jobs whose steps don’t say; delete. Linkis tasks are killed',
  ),
};

/** The file but for its parameters and steps, which are checked one by one. */
export const topSchema = z.strictObject(
  {
    ...top,
    params: z
      .record(z.string(), z.unknown(), { error: 'must be parameters by their names' })
      .nullish()
      .transform(orUndefined),
    steps: z.record(z.string(), z.unknown(), {
      error: ({ input }) =>
        input === undefined || input === null
          ? 'is missing: give the steps by their names'
          : `must be steps by their names, not ${shown(input)}`,
    }),
  },
  { error: 'must be a pipeline: name, steps, and what else it has' },
);

const oneKind = (kind: PipelineStepKind) =>
  z.strictObject({ [kind]: bodySchemas[kind], ...stepCommon });

/** All of it in one, as editors want it: for the published JSON schema. */
export const pipelineFileSchema = z.strictObject({
  ...top,
  params: z
    .record(z.string().regex(paramName), paramSchema)
    .nullish()
    .describe('What a run is given'),
  steps: z
    .record(
      z.string().regex(stepName),
      z.union([oneKind('linkis'), oneKind('sqlflow'), oneKind('chain'), oneKind('approval')]),
    )
    .describe('The steps by their names'),
});

/** The JSON schema of a pipeline's file (draft 2020-12). */
export function pipelineJsonSchema(): object {
  const schema = z.toJSONSchema(pipelineFileSchema, { io: 'input', unrepresentable: 'any' });
  return {
    ...schema,
    $id: 'https://unpkg.com/temporal-remote-jobs/schemas/pipeline.schema.json',
    title: 'A pipeline of temporal-remote-jobs',
  };
}
