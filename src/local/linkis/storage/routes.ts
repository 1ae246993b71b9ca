import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { LocalReply, LocalRequest } from '../../http/exchange';
import type { LinkisBehaviour } from '../behaviour';
import { success } from '../envelope';
import type { SecuredRoute } from '../gateway';
import { openFile } from './open-file';
import { wholeLog } from './open-log';
import { pathIn, type VirtualFiles } from './virtual-files';

/** Folders, pages of result sets, and logs. */
export function storageRoutes(files: VirtualFiles, behaviour: LinkisBehaviour): SecuredRoute[] {
  return [
    {
      method: 'GET',
      path: '/filesystem/getDirFileTrees',
      endpoint: 'getDirFileTrees',
      answer: getDirFileTrees,
    },
    {
      method: 'GET',
      path: '/filesystem/openFile',
      endpoint: 'openFile',
      answer: (request) => openFile(request, files, behaviour),
    },
    { method: 'GET', path: '/filesystem/openLog', endpoint: 'openLog', answer: openLog },
  ];

  async function getDirFileTrees(request: LocalRequest): Promise<LocalReply> {
    const folder = files.shown(pathIn(request));
    const names = await readdir(files.onDisk(folder)).catch(() => undefined);
    const method = '/api/filesystem/getDirFileTrees';
    if (names === undefined) return success(method, { dirFileTrees: null });
    // In an order that nobody should rely on: _9, _10, _1, _0.
    const shown = names
      .filter((name) => !name.startsWith('.'))
      .sort()
      .reverse();
    return success(method, {
      dirFileTrees: {
        name: path.posix.basename(folder),
        path: folder,
        properties: null,
        children: await Promise.all(shown.map((name) => leaf(folder, name))),
        isLeaf: false,
        parentPath: null,
      },
    });
  }

  async function leaf(folder: string, name: string) {
    const { size, mtimeMs } = await stat(files.onDisk(`${folder}/${name}`));
    return {
      name,
      path: `${folder}/${name}`,
      properties: { size: String(size), modifytime: String(Math.floor(mtimeMs)) },
      children: null,
      isLeaf: true,
      parentPath: folder,
    };
  }

  async function openLog(request: LocalRequest): Promise<LocalReply> {
    const shown = pathIn(request);
    await files.check(shown);
    return wholeLog(files.onDisk(shown));
  }
}
