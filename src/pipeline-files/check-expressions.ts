import type { SettingsPath } from '../config/mistakes';
import { nearest } from '../config/nearest';
import { own } from '../contracts/own';
import { stepOutputs, type PipelineDefinition, type PipelineStep } from '../contracts/pipeline';
import {
  isOutput,
  isParam,
  parsePipelineText,
  type OutputExpression,
  type ParamExpression,
} from '../contracts/pipeline-expressions';
import { mapTexts } from '../contracts/run-variables';
import { earlierSteps } from './check-graph';
import type { Places } from './places';

/** What is wrong with the expressions in a pipeline's texts. */
export function checkExpressions(definition: PipelineDefinition, places: Places): void {
  const { steps, params } = definition;
  const check = new ExpressionCheck(definition, places);
  for (const [name, { default: value }] of Object.entries(params)) {
    check.texts(value, ['params', name, 'default'], 'a default');
  }
  for (const step of steps) {
    const { name, kind, body } = step;
    for (const [field, value] of Object.entries(body as object)) {
      const isPlace = placeFields.includes(field);
      check.texts(value, ['steps', name, kind, field], isPlace ? 'a path' : step);
    }
  }
}

/** Files are staged at the start, before any step has run. */
const placeFields = ['files', 'file', 'filesFrom', 'changedSince', 'base'];

type Where = PipelineStep | 'a default' | 'a path';

class ExpressionCheck {
  private readonly byName: ReadonlyMap<string, PipelineStep>;
  private readonly earlier: (name: string) => ReadonlySet<string>;

  constructor(
    private readonly definition: PipelineDefinition,
    private readonly places: Places,
  ) {
    this.byName = new Map(definition.steps.map((step) => [step.name, step]));
    this.earlier = earlierSteps(definition.steps);
  }

  texts(value: unknown, path: SettingsPath, where: Where): void {
    mapTexts(value, (text, field) => {
      const at = [...path, ...stepsOf(field)];
      const parts = parsePipelineText(text);
      if (typeof parts === 'string') this.places.add(at, parts);
      else {
        for (const part of parts) {
          if (isParam(part)) this.param(part, at, where);
          else if (isOutput(part)) this.output(part, at, where);
        }
      }
      return text;
    });
  }

  private param(
    { written, param, offsets, format }: ParamExpression,
    at: SettingsPath,
    where: Where,
  ) {
    const names = Object.keys(this.definition.params);
    const known = own(this.definition.params, param);
    if (where === 'a default') {
      this.places.add(at, `holds ${written}; a default reads no other parameter`);
    } else if (known === undefined) {
      const near = nearest(param, names);
      const hint =
        near !== undefined
          ? `did you mean {{params.${near}}}?`
          : names.length === 0
            ? 'declare it under params'
            : `parameters are ${names.join(', ')}`;
      this.places.add(at, `holds ${written}, and there is no such parameter; ${hint}`);
    } else if (known.type !== 'date' && (offsets.length > 0 || format !== undefined)) {
      this.places.add(
        at,
        `holds ${written}, but ${param} is a ${known.type}: offsets and formats are for dates`,
      );
    }
  }

  private output({ written, step, output }: OutputExpression, at: SettingsPath, where: Where) {
    if (typeof where === 'string') {
      const why =
        where === 'a path' ? 'files are staged before any step runs' : 'no step has run by then';
      this.places.add(at, `holds ${written}, but ${why}`);
      return;
    }
    const source = this.byName.get(step);
    if (source === undefined) {
      const near = nearest(step, [...this.byName.keys()]);
      const hint = near === undefined ? '' : `; did you mean "${near}"?`;
      this.places.add(at, `holds ${written}, and there is no step "${step}"${hint}`);
    } else if (!this.earlier(where.name).has(step)) {
      this.places.add(
        at,
        `holds ${written}, but doesn't wait for "${step}"; add it to the step's needs`,
      );
    } else if (!Object.hasOwn(stepOutputs[source.kind], output)) {
      const outputs = Object.keys(stepOutputs[source.kind]);
      const near = nearest(output, outputs);
      const hint = near === undefined ? `it has ${outputs.join(', ')}` : `did you mean "${near}"?`;
      this.places.add(
        at,
        `holds ${written}, and a ${source.kind} step has no such output; ${hint}`,
      );
    }
  }
}

/** `gate.protect[0]` → `gate`, `protect`, 0 */
function stepsOf(field: string): (string | number)[] {
  return field
    .split(/[.[\]]/)
    .filter((step) => step !== '')
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
