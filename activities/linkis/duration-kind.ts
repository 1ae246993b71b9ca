import { createHash } from 'node:crypto';
import type { LinkisTaskInput } from '../../src/contracts/linkis';

/**
 * What tasks have in common that take about as long: the engine and the code, of which a hash stands
 * for it. Numbers don't count, for a run's code often differs from the last one's by a date.
 */
export function durationKind(task: LinkisTaskInput): string {
  const code = task.code ?? task.codeFile?.name ?? '';
  const hash = createHash('sha256').update(code.replace(/\d+/g, '0')).digest('hex');
  return `${task.engine} ${task.runType} ${hash.slice(0, 16)}`.slice(0, 200);
}
