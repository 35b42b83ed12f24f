import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../../base/errno.ts';
import { naming } from '../../base/reason.ts';

const MOST = 1000;

/**
 * Writes a new Markdown file; where one of its name is there, the new one gets a number: `2026-03-01-wide-2.md`.
 * @param name - relative to the workspace, without `.md`.
 * @returns the file, relative to the workspace.
 * @throws the system's error, with the path in it.
 */
export async function writeDocument(workspaceRoot: string, name: string, text: string): Promise<string> {
  await mkdir(dirname(join(workspaceRoot, name)), { recursive: true });
  for (let number = 1; ; number++) {
    const file = `${name}${number === 1 ? '' : `-${number}`}.md`;
    const path = join(workspaceRoot, file);
    try {
      const handle = await naming(path, () => open(path, 'wx'));
      await handle.writeFile(text).finally(() => handle.close());
      return file;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST' || number === MOST) throw error;
    }
  }
}
