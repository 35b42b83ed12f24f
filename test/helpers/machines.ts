import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MachineSource } from '../../plugins/nx-study/src/machine/description/source.ts';

const folder = join(import.meta.dirname, '../fixtures/machines');

/** A machine of test/fixtures/machines; further files and outputs replace its own, and null takes one away. */
export function recordedMachine(
  name: string,
  change: Record<string, string | null> = {},
  platform: NodeJS.Platform = 'linux',
): MachineSource {
  const root = mkdtempSync(join(tmpdir(), 'nx-study-machine-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const files = { ...sectionsOf(readFileSync(join(folder, `${name}.txt`), 'utf8')), ...change };
  for (const [path, content] of Object.entries(files)) {
    if (content === null || path.startsWith('$ ')) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${content}\n`);
  }
  return {
    platform,
    root,
    run: (program, args) => Promise.resolve(answer(files[`$ ${program}`] ?? null, args)),
  };
}

function sectionsOf(text: string): Record<string, string> {
  const sections = text.split(/^## /m).filter(Boolean);
  return Object.fromEntries(
    sections.map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), section.slice(end + 1).trimEnd()];
    }),
  );
}

/** As such a program answers; nvidia-smi refuses all fields together when it lacks one, which a line names: `without FIELD`. */
function answer(said: string | null, args: string[]) {
  if (said === null) return { ok: false, stdout: '', problem: 'spawn ENOENT' };
  const lacking = /^without (\S+)$/m.exec(said)?.[1];
  if (lacking !== undefined && args[0]!.includes(lacking)) {
    const stdout = `Field "${lacking}" is not a valid field to query.`;
    return { ok: false, stdout, problem: stdout };
  }
  const stdout = said.replace(/^without .*\n/m, '');
  return { ok: true, stdout, problem: '' };
}
