import { access, constants, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './error-code.ts';
import { Halt } from './halt.ts';

/** Makes the folder when absent (only its owner may enter) and proves that it can be written. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (!(await stat(folder)).isDirectory()) throw new Halt('not a folder');
    await access(folder, constants.W_OK);
    // A read-only file system passes access() for root; only writing tells.
    const probe = join(folder, `.probe-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe);
  } catch (cause) {
    const reason = reasons[codeOf(cause) ?? ''] ?? 'it cannot be written';
    throw new Halt(`The data folder ${folder} is of no use: ${reason}. Set MEDCONNECT_DATA.`, {
      cause,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EEXIST: 'it is a file',
  ENOTDIR: 'a part of its path is a file',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'its file system is read-only',
  ENOSPC: 'its disk is full',
};
