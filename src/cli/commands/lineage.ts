import { InvalidArgumentError, Option } from 'commander';
import { diffLineage, isSame } from '../../lineage/diff';
import { batched, diffJson } from '../../lineage/diff-json';
import { diffMarkdown } from '../../lineage/diff-markdown';
import { tableLineage } from '../../lineage/tables';
import { command } from '../command';
import { usageError } from '../errors';
import { exitCodes } from '../exit-codes';
import { answerQuestions, type QuestionOptions } from '../lineage-answers';
import { printDiff } from '../lineage-diff-text';
import { comparedSources } from '../lineage-compared';
import { lineageSourceOptions, loadLineage, type LineageSourceOptions } from '../lineage-source';
import { lineageJson, printSummary } from '../lineage-summary';

const tableLevel = () => new Option('--table-level', 'between whole datasets, not between columns');

export const lineageShow = command<QuestionOptions & LineageSourceOptions, [string?]>({
  name: 'lineage show',
  summary: 'what a lineage holds, and what is up- or downstream of a name',
  description: `Shows a lineage: a JSON export of SQLFlow's, or a chain's revision in the artifact store. Without
a question it lists the datasets and the server's errors.`,
  arguments: [
    { usage: '[FILE|CHAIN]', description: 'a JSON export, or NAME[@REVISION] of a chain' },
  ],
  options: [
    new Option('--upstream <NAME>', 'where a column or a dataset comes from'),
    new Option('--downstream <NAME>', 'what comes of it'),
    new Option('--depth <N>', 'only so many steps away (default: all)').argParser(depthOf),
    new Option('--unused', 'columns and datasets that nothing reads'),
    tableLevel(),
    ...lineageSourceOptions(),
  ],
  output: ['lineage', 'lineageAnswers'],
  examples: [
    'remote-jobs lineage show lineage/lineage.json',
    'remote-jobs lineage show nightly --upstream dw.sales.amount',
    'remote-jobs lineage show nightly@1 --downstream ods.orders --table-level --depth 2',
  ],
  run: async (session, options, named) => {
    const { output } = session;
    const isAsked =
      options.upstream !== undefined || options.downstream !== undefined || options.unused === true;
    if (options.depth !== undefined && options.upstream === undefined && !options.downstream) {
      throw usageError('--depth belongs to --upstream or --downstream.');
    }
    const { lineage, label } = await loadLineage(session, named, options);
    if (isAsked) {
      output.json({ source: label, ...answerQuestions(output, lineage, options) });
      return exitCodes.done;
    }
    const shown = options.tableLevel === true ? tableLineage(lineage) : lineage;
    if (output.mode === 'json')
      for (const piece of batched(lineageJson(shown, label))) output.raw(piece);
    else printSummary(output, lineage, label);
    return exitCodes.done;
  },
});

interface DiffOptions extends LineageSourceOptions {
  readonly format?: 'text' | 'json' | 'markdown';
  readonly exitCode?: boolean;
  readonly tableLevel?: boolean;
}

export const lineageDiff = command<DiffOptions, [string?, string?]>({
  name: 'lineage diff',
  summary: 'what is different between two lineages',
  description: `Compares two lineages: JSON exports of SQLFlow's, or revisions of chains. With one revision it is
compared with the chain's latest; with a chain alone, its latest revision with the one before.
Spelling, order and numbers that the server chose make no difference.`,
  arguments: [
    { usage: '[BEFORE]', description: 'a JSON export, or NAME[@REVISION] of a chain' },
    { usage: '[AFTER]', description: 'the same' },
  ],
  options: [
    new Option('--format <FORMAT>', 'text, json as in diff.json, or markdown as in diff.md')
      .choices(['text', 'json', 'markdown'])
      .default(undefined, 'text'),
    new Option('--exit-code', 'end with 1 where there is a difference'),
    tableLevel(),
    ...lineageSourceOptions(),
  ],
  output: ['lineageDiff'],
  examples: [
    'remote-jobs lineage diff before.json after.json',
    'remote-jobs lineage diff nightly@1 nightly@2',
    'remote-jobs lineage diff --chain nightly --format markdown > diff.md',
  ],
  run: async (session, options, first, second) => {
    const { output } = session;
    const isJson = output.mode === 'json';
    if (isJson && options.format !== undefined && options.format !== 'json') {
      throw usageError(`--format ${options.format} and --output json exclude each other.`);
    }
    const [before, after] = await comparedSources(session, [first, second], options);
    const level = options.tableLevel === true ? tableLineage : <T>(same: T) => same;
    const diff = diffLineage(level(before.lineage), level(after.lineage));
    const labels = [before.label, after.label] as const;
    if (isJson || options.format === 'json') {
      for (const piece of diffJson(diff)) output.raw(isJson ? piece.replaceAll('\n', '') : piece);
      if (isJson) output.raw('\n');
    } else if (options.format === 'markdown') output.raw(diffMarkdown(diff, { labels }));
    else printDiff(output, diff, labels);
    const isDifferent = options.exitCode === true && !isSame(diff);
    return isDifferent ? exitCodes.jobFailed : exitCodes.done;
  },
});

function depthOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number of steps, 1 or more.');
}
