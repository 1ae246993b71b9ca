import { shellWord } from '../contracts/words';
import type { GlobalOptions } from './global-options';

/** Commands that start something, and so need the queue too. */
const starting = ['chain', 'doctor', 'linkis', 'orphans', 'pipeline', 'schedule', 'sqlflow'];
const looking = ['approve', 'cancel', 'lineage', 'list', 'logs', 'results', 'show', 'watch'];
const offered = new RegExp(`\\bremote-jobs (?=(${[...starting, ...looking].join('|')})\\b)`, 'g');

/**
 * Puts the flags of this command line into the lines that it offers to copy: without them they
 * would look at another Temporal or another store.
 */
export function linesToCopy(text: string, flags: Partial<GlobalOptions>): string {
  return text.replace(offered, (line, word: string) => {
    const { config, address, namespace, taskQueue } = flags;
    const given = [
      ['--config', config],
      ['--address', address],
      ['--namespace', namespace],
      ['--task-queue', starting.includes(word) ? taskQueue : undefined],
    ] as const;
    const typed = given.flatMap(([name, value]) =>
      value === undefined ? [] : `${name} ${shellWord(value)} `,
    );
    return `${line}${typed.join('')}`;
  });
}
