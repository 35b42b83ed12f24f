import { execa } from 'execa';
import type { ExecaError } from 'execa';
import type { MeasurementRecord } from './schema.ts';

/** The commit of a workspace and whether it has changes; null with the reason where git doesn't answer. Never throws. */
export async function readGit(workspaceRoot: string): Promise<MeasurementRecord['git']> {
  const git = (...args: string[]) => execa('git', args, { cwd: workspaceRoot, env: { GIT_OPTIONAL_LOCKS: '0' } });
  try {
    const [head, status] = await Promise.all([
      git('rev-parse', '--verify', '--quiet', 'HEAD'),
      git('status', '--porcelain'),
    ]);
    return { commit: head.stdout.trim(), dirty: status.stdout.trim() !== '', reason: null };
  } catch (error) {
    const { exitCode, shortMessage, stderr } = error as Partial<ExecaError>;
    const said = String(stderr ?? '')
      .trim()
      .split('\n')[0];
    const reason = exitCode === 1 && said === '' ? NO_COMMIT : said || shortMessage || String(error);
    return { commit: null, dirty: null, reason };
  }
}

/** Git says nothing, with exit code 1, where it knows of no commit. */
const NO_COMMIT = 'there is no commit yet';

/** The name that commits have here; null where none is set. */
export async function readGitUser(workspaceRoot: string): Promise<string | null> {
  const { stdout } = await execa('git', ['config', 'user.name'], { cwd: workspaceRoot, reject: false });
  return stdout?.trim() || null;
}
