import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** The public data sets that the demo queries, out of the npm package `vega-datasets`. */
const dataSets = ['seattle-weather.csv', 'stocks.csv', 'airports.csv'];

export async function copyDataSets(root: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const source = path.join(root, 'node_modules', 'vega-datasets', 'data');
  for (const name of dataSets) await copyFile(path.join(source, name), path.join(folder, name));
}

/** SQL files of a folder, in order. */
export async function sqlFiles(root: string, folder: string): Promise<string[]> {
  const names = (await readdir(path.join(root, folder))).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name) => path.posix.join(folder, name));
}

export async function zipFiles(
  root: string,
  files: readonly string[],
  target: string,
): Promise<void> {
  const zip = new ZipFile();
  for (const file of files) zip.addFile(path.join(root, file), path.basename(file));
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path.join(root, target)));
}
