import type { Output } from '../output';
import { printable } from '../text-width';
import type { Finding } from './finding';

export function printFinding(output: Output, { check, status, found, cure, fixed }: Finding): void {
  const { green, yellow, red, bold } = output.colors;
  const mark = { ok: green('✔'), warning: yellow('!'), wrong: red('✘'), unreachable: red('✘') };
  output.print(`${mark[status]} ${bold(check)}: ${printable(found)}`);
  if (fixed !== undefined) output.print(`    ${green('→')} ${printable(fixed)}`);
  if (cure !== undefined) output.print(`    → ${printable(cure)}`);
}
