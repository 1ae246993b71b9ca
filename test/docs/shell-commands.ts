import { splitWords } from '../../src/contracts/words';

/** The words of every `remote-jobs …` in a block of shell commands, without the program's name. */
export function remoteJobsCommands(block: string): string[][] {
  const found: string[][] = [];
  for (const line of logicalLines(block)) {
    for (const piece of pieces(line)) {
      const words = splitWords(piece.replace(/\$\(.*\)/gs, 'SUBSTITUTED'));
      if (typeof words === 'string') throw new Error(`${piece}: ${words}`);
      const start = words.findIndex((word) => !/^([A-Z_]+=.*|npx|export|exec|time)$/s.test(word));
      if (words[start] === 'remote-jobs') found.push(words.slice(start + 1));
    }
  }
  return found;
}

/** Lines that a backslash goes on with are one; a here document and a comment are none. */
function logicalLines(block: string): string[] {
  return block
    .replace(/<<'?(\w+)'?[^\n]*\n[\s\S]*?\n\1(?=\n|$)/g, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, ''))
    .filter((line) => line.trim() !== '');
}

/** What stands between `&&`, `||`, `|` and `;` outside of quotes, and within `$(…)`. */
function pieces(line: string): string[] {
  const inner = [...line.matchAll(/\$\(([^()]*)\)/g)].flatMap(([, text = '']) => pieces(text));
  const outer: string[] = [''];
  let quote = '';
  let depth = 0;
  for (const [at, sign] of [...line].entries()) {
    if (quote === '' && /["']/.test(sign)) quote = sign;
    else if (sign === quote) quote = '';
    if (sign === '(') depth += 1;
    if (sign === ')') depth -= 1;
    const parts =
      quote === '' && depth === 0 && /[|;&]/.test(sign) && !/[<>]/.test(line[at - 1] ?? '');
    if (parts) outer.push('');
    else outer[outer.length - 1] += sign;
  }
  return [...outer.map(withoutRedirection).filter((text) => text.trim() !== ''), ...inner];
}

function withoutRedirection(text: string): string {
  return text.replace(/\s\d?>+\s*\S+/g, '');
}
