import { expect, vi } from 'vitest';
import report from '../../../plugins/nx-study/src/commands/report/executor.ts';
import type { Workspace } from '../../helpers/workspace.ts';

/** The rows of a study's report as a person sees them, without how long it took, and how often and under what flags. */
export async function tableOf(
  workspace: Workspace,
  study: string,
  env: Record<string, string> = {},
): Promise<string[]> {
  const lines = (await reportOf(workspace, study, env)).split('\n');
  const rule = lines.findIndex((line) => /^─+$/.test(line));
  const header = lines.slice(0, rule).findLast((line) => line.startsWith('measurement'))!;
  const rows = lines.slice(rule + 1);
  const end = rows.findIndex((line) => !/^[a-z][\w-]*-[0-9a-f]{8}\b/.test(line));
  const varying = /(flags|attempts|elapsed)\b/.exec(header)!.index;
  return rows.slice(0, end).map((row) => row.slice(0, varying).trimEnd().replaceAll(/ +/g, ' '));
}

/** As `nx run STUDY:report` prints it. Nx itself is left out: so many tests compare tables that its starts take minutes. */
async function reportOf({ root, env }: Workspace, study: string, further: Record<string, string>): Promise<string> {
  // Variables that reach the worker are part of what a measurement is.
  for (const [name, value] of Object.entries({ ...env, ...further })) vi.stubEnv(name, value);
  const printed = vi.spyOn(console, 'log').mockReturnValue();
  try {
    expect(await report({ study, width: 200 }, { root })).toEqual({ success: true });
    return printed.mock.calls.flat().join('\n');
  } finally {
    printed.mockRestore();
    vi.unstubAllEnvs();
  }
}
