import { execFileSync } from 'node:child_process';

/** Installs a Debian package where that may be; those who call look themselves whether it is there then. */
export function installPackage(name: string): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return;
  const apt = (...args: string[]) => execFileSync('apt-get', ['-qq', ...args], { stdio: 'ignore' });
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', name);
  } catch {
    // Another system, or no network: those who call say what they leave out.
  }
}
