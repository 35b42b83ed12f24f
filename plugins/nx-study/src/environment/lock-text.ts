import type { Text } from '../base/words.ts';
import { ownLockTexts } from './texts.ts';

/** Why a requirements file can't be the lock of an environment: the first line that fixes no content by its hash; null for one that can. */
export function lockProblem(file: string, text: string): Text | null {
  for (const { line, content } of logicalLines(text)) {
    const [first = ''] = content.split(/[\s=]/, 1);
    if (OTHER_FILES.has(first)) return ownLockTexts.otherFile(file, line, content);
    const isOption = content.startsWith('-');
    if (!isOption && !/\s--hash[= ]/.test(content)) return ownLockTexts.noHash(file, line, content);
  }
  return null;
}

// What these name is neither in the lock nor fixed by a hash.
const OTHER_FILES = new Set(['-r', '--requirement', '-c', '--constraint', '-e', '--editable']);

/** The lines of a requirements file, continued ones in one, without comments and empty ones; numbers from 1. */
function logicalLines(text: string): { line: number; content: string }[] {
  const lines: { line: number; content: string }[] = [];
  let isContinued = false;
  for (const [index, written] of text.split(/\r?\n/).entries()) {
    const part = written.replace(/(^|\s)#.*$/, '');
    const content = part.replace(/\\$/, ' ');
    if (isContinued) lines.at(-1)!.content += content;
    else lines.push({ line: index + 1, content });
    isContinued = part.endsWith('\\');
  }
  return lines.map(({ line, content }) => ({ line, content: content.trim() })).filter(({ content }) => content !== '');
}
