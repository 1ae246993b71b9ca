import { chainWorkflowTypes } from '../contracts/chain-asking';
import type { JobDescription } from '../starter/describe';
import { usageError } from './errors';

/** A chain goes on for years: what one asks of a job is asked of one of its refreshes. */
export function refuseChain({ workflowType, workflowId }: JobDescription, remedy: string): void {
  if (workflowType !== chainWorkflowTypes.chain) return;
  const [, connection = '', name = ''] = workflowId.split('/');
  const chain = `${name} --connection ${connection}`;
  throw usageError(
    `${workflowId} is a chain, which doesn't end: ${remedy.replace('CHAIN', chain)}.`,
  );
}
