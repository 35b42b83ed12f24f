import { execa } from 'execa';
import type { MeasurementRecord } from './schema.ts';

/** The commit of a workspace and whether it has changes; null with the reason where git doesn't answer. Never throws. */
export async function readGit(workspaceRoot: string): Promise<MeasurementRecord['git']> {
  const git = (...args: string[]) => execa('git', args, { cwd: workspaceRoot, env: { GIT_OPTIONAL_LOCKS: '0' } });
  try {
    const [head, status] = await Promise.all([git('rev-parse', 'HEAD'), git('status', '--porcelain')]);
    return { commit: head.stdout.trim(), dirty: status.stdout.trim() !== '', reason: null };
  } catch (error) {
    const { shortMessage, stderr } = error as { shortMessage?: string; stderr?: string };
    return { commit: null, dirty: null, reason: stderr?.trim().split('\n')[0] || shortMessage || String(error) };
  }
}

/** The name that commits have here; null where none is set. */
export async function readGitUser(workspaceRoot: string): Promise<string | null> {
  const { stdout } = await execa('git', ['config', 'user.name'], { cwd: workspaceRoot, reject: false });
  return stdout?.trim() || null;
}
