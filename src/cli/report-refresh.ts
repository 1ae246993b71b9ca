import type { FileError, RefreshResult } from '../contracts/chain';
import type { RefreshStanding } from '../starter/refresh-standing';
import { outcomeWords, revisionWords } from './chain-words';
import type { Output } from './output';
import { count } from './preview';
import { toldOf, type RefreshReturn } from './refresh-result';
import { printableLine } from './text-width';

const shownErrors = 5;

/** What a refresh came to, and the revision whose files are there: its own, or the latest one. */
export interface EndedRefresh {
  readonly result: RefreshReturn;
  readonly standing: RefreshStanding | undefined;
  readonly revision: RefreshResult | undefined;
}

/** Says what a refresh came to: the line itself is data, what is odd about it is talk. */
export function tellRefresh(
  output: Output,
  { result, standing, revision }: EndedRefresh,
  { told, onConnection = '' }: { told: readonly string[]; onConnection?: string },
): void {
  const refresh = toldOf(result);
  for (const warning of refresh.warnings) {
    if (!told.includes(warning)) output.warn(printableLine(warning));
  }
  const { end } = refresh;
  if (end === 'refreshed' && revision !== undefined) tellRevision(output, revision);
  output.print(outcomeWords(refresh));
  if (end === 'unchanged' && revision !== undefined) {
    const { green } = output.talkColors;
    const words = revisionWords(revision.revision, revision.generation);
    output.say(`${green('✔')} Still revision ${words}`);
  }
  if (end === 'refreshed' && standing !== undefined && revision?.comparedWith !== undefined) {
    output.say(
      `What changed: remote-jobs lineage diff ${diffOf(standing, revision)}${onConnection}`,
    );
  }
}

function tellRevision(output: Output, revision: RefreshResult): void {
  const { gate, fileErrors, status } = revision;
  if (status === 'partial_success') {
    output.warn('some files could not be parsed, so their lineage is missing');
  }
  for (const error of fileErrors.slice(0, shownErrors)) {
    output.say(`  ${output.talkColors.dim(printableLine(placeWords(error)))}`);
  }
  const more = fileErrors.length - shownErrors;
  if (more > 0) output.say(`  ${output.talkColors.dim(`… and ${count(more, 'more error')}`)}`);
  if (gate === undefined) return;
  for (const reason of gate.reasons) output.warn(printableLine(reason));
  const { approvedBy } = gate;
  output.say(
    gate.closed
      ? `The gate was closed; approved by ${printableLine(approvedBy ?? 'somebody')}`
      : `${output.talkColors.green('✔')} The gate is open`,
  );
}

/** `sales.sql:3:5 Unexpected token` */
function placeWords({ file, line, column, message }: FileError): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return place === '' || message.startsWith(place) ? message : `${place} ${message}`;
}

function diffOf({ chain }: RefreshStanding, { revision, comparedWith }: RefreshResult): string {
  return `${chain}@${comparedWith} ${chain}@${revision}`;
}
