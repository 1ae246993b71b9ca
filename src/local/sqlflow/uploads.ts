import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import type { ReceivedFile } from '../http/exchange';
import type { SqlFlowBehaviour } from './behaviour';
import { newId, type Upload } from './job';

/** A file of SQL, read when its turn comes. */
export interface SqlFile {
  readonly name: string;
  read(): Promise<string>;
}

/** More than this in one zip, unpacked, is taken for a mistake or an attack. */
const maxUnpackedBytes = 1024 ** 3;
const maxEntries = 100_000;
const maxCommentBytes = 4096;

/** Files in a zip that hold SQL; others are passed over. */
const sqlName =
  /\.(sql|ddl|dml|hql|hive|q|txt|tab|vw|view|prc|proc|fnc|trg|pkg|pkb|pks|pls|plsql|bteq|btq|tpt|ksh|sp|udf)$/i;

/** Puts what was uploaded into the job's folder. */
export async function keepUploads(
  files: readonly ReceivedFile[],
  folder: string,
): Promise<Upload[]> {
  const kept: Upload[] = [];
  for (const file of files) {
    const blob = newId();
    await file.keepAs(path.join(folder, blob));
    kept.push({ name: file.fileName, blob, sizeBytes: file.sizeBytes });
  }
  return kept;
}

/**
 * The text of the only upload, where it is short and holds nothing but comments, so that jobs
 * which only pass time cost next to nothing; undefined for all others.
 */
export function onlyComments(uploads: readonly Upload[], folder: string): string | undefined {
  const [only] = uploads;
  if (only === undefined || uploads.length > 1 || /\.zip$/i.test(only.name)) return undefined;
  if (only.sizeBytes > maxCommentBytes) return undefined;
  let text: string;
  try {
    text = textOf(readFileSync(path.join(folder, only.blob)));
  } catch {
    return undefined; // whoever reads it for its lineage says what is wrong
  }
  return text.replace(/--[^\n]*|\/\*[^]*?\*\//g, '').trim() === '' ? text : undefined;
}

/** What a job's uploads hold; to be closed when it has been read. */
export interface SqlFiles {
  readonly files: readonly SqlFile[];
  close(): void;
}

/**
 * The files of SQL in a job's uploads, those of a zip by their path inside it.
 *
 * Nothing is unpacked to disk, so that an entry's name can lead nowhere. A zip that can't be read
 * becomes one file that can't be read.
 *
 * @param zipEntries of several zips with a file of the same path, the last one's counts, or each
 */
export async function openSqlFiles(
  uploads: readonly Upload[],
  folder: string,
  zipEntries: SqlFlowBehaviour['zipEntries'],
): Promise<SqlFiles> {
  const files = new Map<string, SqlFile>();
  const zips: ZipFile[] = [];
  for (const { name, blob } of uploads) {
    const file = path.join(folder, blob);
    if (!/\.zip$/i.test(name)) {
      files.set(blob, { name, read: async () => textOf(await readFile(file)) });
      continue;
    }
    try {
      const zip = await open(file);
      zips.push(zip);
      for (const entry of await sqlEntries(zip)) {
        const { fileName } = entry;
        const key = zipEntries === 'byPath' ? `/${fileName}` : `${blob}/${fileName}`;
        files.set(key, { name: `${name}/${fileName}`, read: () => readEntry(zip, entry) });
      }
    } catch (error) {
      const read = () => Promise.reject(new Error((error as Error).message, { cause: error }));
      files.set(blob, { name, read });
    }
  }
  return { files: [...files.values()], close: () => zips.forEach((zip) => zip.close()) };
}

async function sqlEntries(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  let unpackedBytes = 0;
  for await (const entry of entriesOf(zip)) {
    unpackedBytes += entry.uncompressedSize;
    if (unpackedBytes > maxUnpackedBytes || entries.length >= maxEntries) {
      throw new Error('The zip is too large when unpacked.');
    }
    const isHidden = /(^|\/)(\.|__MACOSX\/)/.test(entry.fileName);
    if (!isHidden && sqlName.test(entry.fileName)) entries.push(entry);
  }
  return entries.sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
}

async function readEntry(zip: ZipFile, entry: Entry): Promise<string> {
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) =>
    zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  return textOf(await buffer(stream));
}

function open(file: string): Promise<ZipFile> {
  return new Promise((resolve, reject) =>
    yauzl.open(file, { lazyEntries: true, autoClose: false }, (error, zip) =>
      error ? reject(error) : resolve(zip),
    ),
  );
}

/** The entries one by one; yauzl refuses names that are absolute or lead upwards. */
async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | undefined>((resolve, reject) => {
      zip.removeAllListeners();
      zip.once('entry', resolve);
      zip.once('end', () => resolve(undefined));
      zip.once('error', reject);
      zip.readEntry();
    });
    if (entry === undefined) return;
    yield entry;
  }
}

/** UTF-8, or UTF-16 where the file begins with its mark, as SQL Server's tools write it. */
function textOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le');
  return bytes.toString('utf8');
}
