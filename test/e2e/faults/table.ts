import { expect } from 'vitest';
import type { Workspace } from '../../helpers/workspace.ts';

/** The rows of a study's report as a person sees them, without how long it took, and how often and under what flags. */
export async function tableOf({ nx }: Workspace, study: string, env: Record<string, string> = {}): Promise<string[]> {
  const { exitCode, all } = await nx(['run', `${study}:report`, '--width=200'], { env });
  expect({ exitCode, all }).toMatchObject({ exitCode: 0 });
  const lines = all.split('\n');
  const rule = lines.findIndex((line) => /^─+$/.test(line));
  const header = lines.slice(0, rule).findLast((line) => line.startsWith('measurement'))!;
  const rows = lines.slice(rule + 1);
  const end = rows.findIndex((line) => !/^[a-z][\w-]*-[0-9a-f]{8}\b/.test(line));
  const varying = /(flags|attempts|elapsed)\b/.exec(header)!.index;
  return rows.slice(0, end).map((row) => row.slice(0, varying).trimEnd().replaceAll(/ +/g, ' '));
}
