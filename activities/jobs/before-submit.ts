import { createHash } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { ArtifactNotFoundError } from '../../src/artifacts/errors';
import { artifactUri } from '../../src/artifacts/store';
import { ConfigurationError } from '../../src/config/errors';
import type { Mistake } from '../../src/contracts/findings';
import type { JobSubmission, SubmissionInputs, SubmissionType } from '../../src/contracts/hooks';
import type { Vendor } from '../../src/contracts/names';
import { putJson } from '../chain/put-json';
import type { ActivityResources } from '../resources';
import type { ActivitySession } from '../session';
import { refuseMistakes } from '../submission';
import { callHook } from './call-hook';

interface Submission<Type extends SubmissionType> {
  readonly type: Type;
  readonly vendor: Vendor;
  /** The connection's name, also where the input left it out. */
  readonly connection: string;
  readonly key: string;
  readonly input: SubmissionInputs[Type];
}

/** What a hook made of a submission. */
export interface Amended<Input> {
  readonly input: Input;
  /** For the result: what was changed. Empty where nothing was. */
  readonly warnings: readonly string[];
}

/** Kept before the first request; `input` is absent where the hook let the submission be. */
interface KeptAnswer {
  readonly input?: object;
}

/**
 * What the workflow, or a later activity, goes by, from the input that stands in its history. One
 * that the hook could change would hold for the submit alone.
 */
const ofExports = ['exports', 'tableToTable', 'delimiter', 'exportSettings'] as const;
const fixed: { readonly [Type in SubmissionType]: readonly (keyof SubmissionInputs[Type])[] } = {
  sqlflowJob: [
    ...ofExports,
    ...(['connection', 'partialSuccess', 'timeoutMs', 'onCancel', 'afterExport'] as const),
  ],
  sqlflowPersistJob: [
    ...ofExports,
    ...(['connection', 'partialSuccess', 'timeoutMs', 'jobId', 'incremental'] as const),
  ],
  linkisTask: ['connection', 'user', 'format', 'resubmit', 'timeoutMs'],
};

/**
 * Asks the application's `beforeSubmit` hook, where there is one, and keeps its answer before it is
 * used: the attempts of one submission all send the same.
 *
 * @param validate checks what the hook answers as strictly as the workflow's own input
 * @throws SubmitRefusedError where the hook refuses; ConfigurationError where it changes what must stay
 */
export async function askBeforeSubmit<Type extends SubmissionType>(
  { hooks, artifacts }: Pick<ActivityResources, 'hooks' | 'artifacts'>,
  session: ActivitySession,
  submission: Submission<Type>,
  validate: (input: SubmissionInputs[Type]) => readonly Mistake[],
): Promise<Amended<SubmissionInputs[Type]>> {
  const { beforeSubmit } = hooks ?? {};
  const given = submission.input;
  if (beforeSubmit === undefined) return { input: given, warnings: [] };
  const key = answerKey(session.folder, submission.key);
  const { signal } = session;
  const kept = session.isFirstAttempt ? undefined : await keptAnswer(artifacts, key, signal);
  const answer = kept ?? { input: await ask() };
  if (kept === undefined) await putJson(artifacts, key, answer, signal);
  if (answer.input === undefined) return { input: given, warnings: [] };
  return {
    input: answer.input as SubmissionInputs[Type],
    warnings: changes(asJson(given), answer.input),
  };

  async function ask(): Promise<SubmissionInputs[Type] | undefined> {
    // A copy: what the hook does to it has no effect, only what it returns.
    const asked = asJson({ ...submission, workflowId: session.workflowId });
    const answered = await callHook('beforeSubmit', signal, (brief) =>
      beforeSubmit?.(asked as JobSubmission, brief),
    );
    // Null is nothing too, from an application without types.
    if (answered === undefined || answered === null) return undefined;
    // As a later attempt will read it.
    const amended = asJson(answered as SubmissionInputs[Type]);
    if (isDeepStrictEqual(amended, asJson(given))) return undefined;
    refuseFixed(submission.type, asJson(given), amended);
    refuseMistakes(validate(amended));
    return amended;
  }
}

function asJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

function refuseFixed<Type extends SubmissionType>(
  type: Type,
  given: SubmissionInputs[Type],
  amended: SubmissionInputs[Type],
): void {
  const changed = fixed[type].filter((field) => !isDeepStrictEqual(given[field], amended[field]));
  if (changed.length === 0) return;
  throw new ConfigurationError([
    `The worker's beforeSubmit changed ${changed.join(', ')} of a ${type}, which its workflow goes by already: leave it as it is, or refuse the submission with a SubmitRefusedError.`,
  ]);
}

/** In sentences, by field: values may be long, and are in the store. */
function changes(given: object, amended: object): string[] {
  const fields = [...new Set([...Object.keys(given), ...Object.keys(amended)])].filter(
    (field) =>
      !isDeepStrictEqual(
        (given as Record<string, unknown>)[field],
        (amended as Record<string, unknown>)[field],
      ),
  );
  if (fields.length === 0) return [];
  return [`the worker's policy changed ${fields.sort().join(', ')} before the submit`];
}

async function keptAnswer(
  artifacts: ActivityResources['artifacts'],
  key: string,
  signal: AbortSignal,
): Promise<KeptAnswer | undefined> {
  try {
    return (await json(await artifacts.open(artifactUri(key), signal))) as KeptAnswer;
  } catch (error) {
    if (error instanceof ArtifactNotFoundError) return undefined;
    throw error;
  }
}

/** A caller of the activities may have keys that are no file names. */
function answerKey(folder: string, submissionKey: string): string {
  const hash = createHash('sha256').update(submissionKey).digest('hex').slice(0, 16);
  return `${folder}/before-submit/${hash}.json`;
}
