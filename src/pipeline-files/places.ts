import type { Mistake as SettingsMistake, SettingsPath } from '../config/mistakes';
import { pathText } from '../config/mistakes';
import type { YamlSettings } from '../config/yaml-settings';
import type { PipelineMistake } from '../contracts/pipeline';

/** Collects what is wrong with a pipeline's file, each with its place in it. */
export class Places {
  private readonly found: PipelineMistake[] = [];

  constructor(
    private readonly file: string,
    private readonly source: YamlSettings,
  ) {
    for (const { problem, line, column } of source.syntaxMistakes) {
      this.found.push({ file, line, column, field: '', problem });
    }
  }

  /** @param problem goes on from the field's name: `is missing: give …` */
  add(path: SettingsPath, problem: string, atKey = false): void {
    this.addAll([{ path, problem, atKey }]);
  }

  addAll(mistakes: readonly SettingsMistake[]): void {
    for (const mistake of mistakes) {
      const { line, column } = this.source.locate(mistake);
      const field = pathText(mistake.path);
      const { file } = this;
      this.found.push({ file, line, column, field, problem: mistake.problem });
    }
  }

  /** The names that stand in the file at this path, whatever is wrong with what they name. */
  keysAt(path: SettingsPath): readonly string[] {
    let value = this.source.value;
    for (const step of path) value = (value as Record<string, unknown> | null | undefined)?.[step];
    return typeof value === 'object' && value !== null ? Object.keys(value) : [];
  }

  /** By their place; each is told once. */
  get mistakes(): readonly PipelineMistake[] {
    const seen = new Set<string>();
    return [...this.found]
      .sort((one, other) => one.line - other.line || one.column - other.column)
      .filter(({ line, column, field, problem }) => {
        const key = JSON.stringify([line, column, field, problem]);
        return !seen.has(key) && seen.add(key);
      });
  }
}

/** `etl.yaml:12:7: steps.load.needs[0] "lod" is no step; did you mean "load"?` */
export function mistakeLine({ file, line, column, field, problem }: PipelineMistake): string {
  return `${file}:${line}:${column}: ${field === '' ? 'the file' : field} ${problem}`;
}
