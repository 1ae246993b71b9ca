import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Option } from 'commander';
import { diffLineage } from '../../lineage/diff';
import { renderHtml } from '../../lineage/render/render-html';
import { renderSvg } from '../../lineage/render/render-svg';
import { tableLineage } from '../../lineage/tables';
import { command } from '../command';
import { usageError } from '../errors';
import { exitCodes } from '../exit-codes';
import { lineageSourceOptions, loadLineage, type LineageSourceOptions } from '../lineage-source';

interface RenderOptions extends LineageSourceOptions {
  readonly diffWith?: string;
  readonly svg?: boolean;
  readonly tableLevel?: boolean;
  readonly title?: string;
  readonly out?: string;
}

export const lineageRender = command<RenderOptions, [string?]>({
  name: 'lineage render',
  summary: 'draw a lineage: a page to explore, or an SVG for documents',
  description: `Draws a lineage: a JSON export of SQLFlow's, or a chain's revision in the artifact store. The page
is one file that asks for no network: zoom, search, click a column to see where it comes from and
where it goes.`,
  arguments: [
    { usage: '[FILE|CHAIN]', description: 'a JSON export, or NAME[@REVISION] of a chain' },
  ],
  options: [
    new Option(
      '--diff-with <FILE|CHAIN>',
      'an earlier lineage: what became different since is shown in colours',
    ),
    new Option('--svg', 'an SVG: columns up to 60 tables, else tables alone'),
    new Option('--table-level', 'between whole datasets, not between columns'),
    new Option('--title <WORDS>', 'the heading (default: what is drawn)'),
    new Option('--out <FILE>', 'where to; an end of .svg says --svg too (default: to stdout)'),
    ...lineageSourceOptions(),
  ],
  output: ['rendered'],
  examples: [
    'remote-jobs lineage render lineage/lineage.json --out lineage.html',
    'remote-jobs lineage render nightly --diff-with nightly@1 --out lineage.html',
    'remote-jobs lineage render --chain nightly --table-level --out docs/lineage.svg',
  ],
  run: async (session, options, named) => {
    const { output } = session;
    if (options.out?.trim() === '') throw usageError('--out is blank; name a file.');
    if (output.mode === 'json' && options.out === undefined) {
      throw usageError('With --output json, say with --out FILE where the picture goes.');
    }
    const after = await loadLineage(session, named, options);
    const before =
      options.diffWith === undefined
        ? undefined
        : await loadLineage(session, options.diffWith, { connection: options.connection });
    const level = options.tableLevel === true ? tableLineage : <T>(same: T) => same;
    const lineage = level(after.lineage);
    const diff = before && diffLineage(level(before.lineage), lineage);
    const title =
      options.title ?? (before === undefined ? after.label : `${before.label} → ${after.label}`);
    const isSvg = options.svg === true || path.extname(options.out ?? '').toLowerCase() === '.svg';
    const svgLevel = options.tableLevel === true ? 'tables' : undefined;
    const pieces = isSvg
      ? [renderSvg(lineage, { title, diff, level: svgLevel })]
      : renderHtml(lineage, { title, diff });
    if (options.out === undefined) {
      for await (const piece of pieces) output.raw(piece);
      return exitCodes.done;
    }
    const file = path.resolve(session.context.cwd, options.out);
    await written(file, pieces);
    if (output.mode === 'json') {
      const format = isSvg ? 'svg' : 'html';
      output.json({ source: after.label, diffWith: before?.label, out: file, format });
    } else output.print(`${title} in ${output.shortPath(file)}`);
    return exitCodes.done;
  },
});

/** All of it or nothing: half a page shows nothing and says nothing. */
async function written(
  file: string,
  pieces: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  const half = `${file}.${process.pid}.part`;
  try {
    await pipeline(Readable.from(pieces), createWriteStream(half));
    await rename(half, file);
  } catch (error) {
    await rm(half, { force: true });
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw usageError(`${file} can't be written: ${code}. Name another file with --out.`);
  }
}
