import path from 'node:path';
import type { ScheduleDefinition } from '../contracts/schedule';
import type { Session } from './session';

/** Where this configuration is the worker's too, it tells which files a run will not get. */
export async function rootWarnings(
  session: Session,
  { run }: ScheduleDefinition,
): Promise<readonly string[]> {
  const { config, dev } = await session.settings();
  const { roots } = config.inputs;
  // A configuration without any is not the worker's, or that of a dev stack, which has its own folder.
  if (roots.length === 0 && (config.file === undefined || dev !== undefined)) return [];
  return pathsOf(run)
    .filter((file) => !roots.some((root) => isBelow(root, file)))
    .map(
      (file) =>
        `${file} lies outside the folders that this configuration lets a worker read (inputs.roots: ${roots.join(', ') || 'none'})`,
    );
}

function pathsOf(run: ScheduleDefinition['run']): readonly string[] {
  if (run.type === 'pipeline') return [run.file];
  if (run.type === 'linkisTask') return run.codeFile === undefined ? [] : [run.codeFile];
  const { folder, paths, filesFrom = [] } = run.files;
  const given = paths.filter((value) => !value.startsWith('!'));
  return [...given, ...filesFrom].map((file) => path.resolve(folder, fixedPart(file)));
}

/** What stands before the first variable or glob. */
function fixedPart(file: string): string {
  const [fixed = ''] = file.split(/\{|[*?[(]/);
  return fixed === file ? file : path.dirname(`${fixed}x`);
}

function isBelow(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return !path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..';
}
