import { exitCodes, type ExitCode } from './exit-codes';
import { shellWord } from '../contracts/words';
import type { Session } from './session';

/** Tells of a run that goes on without this command, and how to come back to it. */
export function detached({ output }: Session, workflowId: string, runId: string): ExitCode {
  output.print(workflowId);
  output.json({ id: workflowId, workflowId, runId, detached: true, exitCode: exitCodes.done });
  output.say(
    [
      'It runs on by itself:',
      `  remote-jobs watch ${shellWord(workflowId)}    follow it`,
      `  remote-jobs show ${shellWord(workflowId)}     how it stands`,
      `  remote-jobs cancel ${shellWord(workflowId)}   end it, with proof`,
    ].join('\n'),
  );
  return exitCodes.done;
}
