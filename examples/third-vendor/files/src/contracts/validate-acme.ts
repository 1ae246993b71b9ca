import type { AcmeRunInput } from './acme';
import { Findings, type Mistake } from './findings';

export function validateAcmeRun(input: AcmeRunInput): readonly Mistake[] {
  const found = new Findings();
  found.connection(input.connection);
  found.text('name', input.name, 'a readable name');
  found.text('command', input.command, 'the command to run');
  found.timeout(input.timeoutMs);
  found.fitsHistory(input);
  return found.mistakes;
}
