import type { PipelineDefinition } from '../contracts/pipeline';
import type { PipelineStepKind } from '../contracts/pipeline-run';

/** Each kind has a shape of its own, so that no colour is needed to tell them apart. */
const shapes: Readonly<Record<PipelineStepKind, readonly [string, string]>> = {
  linkis: ['(', ')'],
  sqlflow: ['[', ']'],
  chain: ['[[', ']]'],
  approval: ['{{', '}}'],
};

/** The steps and what they need, as a Mermaid flowchart. */
export function mermaid({ name, steps }: PipelineDefinition): string {
  const ids = new Map(steps.map((step, index) => [step.name, `s${index}`]));
  const lines = [`%% ${name}`, 'flowchart LR'];
  for (const step of steps) {
    const [open, close] = shapes[step.kind];
    lines.push(
      `  ${ids.get(step.name)}${open}"${step.name}<br/><small>${step.kind}</small>"${close}`,
    );
  }
  for (const step of steps) {
    const label = step.when === 'success' ? '' : `|${step.when}|`;
    const arrow = step.when === 'success' ? '-->' : '-.->';
    for (const need of step.needs) {
      lines.push(`  ${ids.get(need)} ${arrow}${label} ${ids.get(step.name)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
