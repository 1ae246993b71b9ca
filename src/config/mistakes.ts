import { z } from 'zod';
import { nearest } from './nearest';

export type SettingsPath = readonly (string | number)[];

/** One thing that is wrong with the settings. */
export interface Mistake {
  readonly path: SettingsPath;
  /** Goes on from the setting's name: `is missing: give …`. */
  readonly problem: string;
  /** The setting's name is what is wrong, not its value. */
  readonly atKey?: boolean;
}

/** `connections.lineage.url`, `inputs.roots[0]` */
export function pathText(path: SettingsPath): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`,
    )
    .join('');
}

/** What zod found wrong with a value, in sentences; a mistyped setting isn't told as a missing one too. */
export function mistakesOf(schema: z.ZodType, value: unknown, at: SettingsPath = []): Mistake[] {
  const issues = schema.safeParse(value).error?.issues ?? [];
  const meant = new Set<string>();
  const mistakes: Mistake[] = [];
  for (const issue of issues) {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code !== 'unrecognized_keys') continue;
    const known = knownKeys(schema, path);
    for (const key of issue.keys) {
      const near = nearest(key, known);
      if (near !== undefined) meant.add(pathText([...path, near]));
      const remedy =
        near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
      mistakes.push({
        path: [...at, ...path, key],
        problem: `is no setting: ${remedy}`,
        atKey: true,
      });
    }
  }
  for (const issue of issues) {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code === 'unrecognized_keys') continue;
    if (meant.has(pathText(path)) && issue.message.startsWith('is missing')) continue;
    mistakes.push({ path: [...at, ...path], problem: issue.message });
  }
  return mistakes;
}

/** The settings that an object schema knows at a path. */
function knownKeys(schema: z.ZodType, path: SettingsPath): string[] {
  let found = unwrapped(schema);
  for (const step of path) {
    if (!(found instanceof z.ZodObject)) return [];
    found = unwrapped(found.shape[step]);
  }
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  if (schema instanceof z.ZodPipe) return unwrapped(schema.in);
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
    ? unwrapped(schema.unwrap())
    : schema;
}
