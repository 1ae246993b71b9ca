import { createHash } from 'node:crypto';
import type { JobOwner } from '../owner';

export interface JobMark extends JobOwner {
  /** The submission's; a uuid, where the workflow is one of this package. */
  readonly key: string;
  /** A persist job holds the lineage of earlier runs; whoever ends jobs must know it by the name. */
  readonly persist: boolean;
}

/** What a name says of its job; the owner only as hashes. */
export interface ReadMark {
  /** The first 12 characters of the submission's key, without "-". */
  readonly shortKey: string;
  /** Absent in names of before the mark had it: whose the job is can't be told then. */
  readonly owner?: { readonly scope: string; readonly workflow: string };
  readonly persist: boolean;
}

/**
 * The name the service holds: the readable one, the installation, the submission's short key and
 * its owner, `nightly--prod-<12 hex key><4 hex scope><8 hex workflow>`, with a `p` behind it for a
 * persist job. SQLFlow has no idempotency key and no field for notes, so the name is what a lost
 * submit is found by, and what tells an orphan.
 */
export function keyedJobName(jobName: string, mark: JobMark): string {
  const { scope, workflow } = ownerMark(mark);
  const persist = mark.persist ? 'p' : '';
  return `${jobName}${keySuffix(mark.installation, mark.key)}${scope}${workflow}${persist}`;
}

/** True for the names of this submission's jobs, those of before the mark had the owner included. */
export function bearsKey(jobName: string, installation: string, key: string): boolean {
  return readMark(jobName, installation)?.shortKey === shortKeyOf(key);
}

/** False where the name says that another workflow's submit made the job. */
export function isOwnName(jobName: string, owner: JobOwner): boolean {
  const named = readMark(jobName, owner.installation)?.owner;
  return named === undefined || named.workflow === ownerMark(owner).workflow;
}

/** What a name says, or undefined where it doesn't bear this installation's mark. */
export function readMark(jobName: string, installation: string): ReadMark | undefined {
  const marked = /^(.*)([0-9a-f]{4})([0-9a-f]{8})(p?)$/s.exec(jobName);
  const [, keyed = '', scope = '', workflow = '', persist] = marked ?? [];
  const shortKey = keyAtEnd(keyed, installation);
  if (shortKey !== undefined) {
    return { shortKey, owner: { scope, workflow }, persist: persist === 'p' };
  }
  const olderKey = keyAtEnd(jobName, installation);
  return olderKey === undefined ? undefined : { shortKey: olderKey, persist: false };
}

/**
 * What jobs have in common that take about as long: the readable name, without the numbers in it,
 * which may be the day or the run.
 */
export function durationKind(jobName: string, installation: string): string {
  const isMarked = readMark(jobName, installation) !== undefined;
  const name = isMarked ? jobName.slice(0, jobName.lastIndexOf(`--${installation}-`)) : jobName;
  return name.replace(/\d+/g, '0');
}

/** A caller of the activities may have keys that are no uuids: only "-" never stands in one. */
function keyAtEnd(name: string, installation: string): string | undefined {
  const at = name.lastIndexOf('-');
  const shortKey = name.slice(at + 1);
  const isKey = shortKey.length >= 1 && shortKey.length <= 12;
  return isKey && name.slice(0, at).endsWith(`--${installation}`) ? shortKey : undefined;
}

/**
 * The owner in 12 hexadecimal digits. The scope holds the installation too: the job of an
 * installation `x--prod` ends like one of `prod`.
 */
export function ownerMark({ installation, namespace, workflowId }: JobOwner) {
  return {
    scope: hashOf(`${installation}\n${namespace}`, 4),
    workflow: hashOf(workflowId, 8),
  };
}

/** 48 bits of the uuid: short enough to read, and unique within any account. */
export function shortKeyOf(key: string): string {
  return key.replaceAll('-', '').slice(0, 12);
}

function keySuffix(installation: string, key: string): string {
  return `--${installation}-${shortKeyOf(key)}`;
}

function hashOf(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
