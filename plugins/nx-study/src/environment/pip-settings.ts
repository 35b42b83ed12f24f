import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * uv doesn't read pip's settings. Where only pip is configured with an index, mirror or certificates, these variables give uv
 * the same; none when uv has settings of its own, or pip has none.
 */
export async function uvSettingsFromPip(
  python: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Record<string, string>> {
  if (hasOwnSettings(env)) return {};
  const pip = await pipSettings(python);
  const settings: Record<string, string> = {};
  if (pip['index-url']) settings['UV_DEFAULT_INDEX'] = pip['index-url'];
  if (pip['extra-index-url']) settings['UV_INDEX'] = words(pip['extra-index-url']).join(' ');
  if (pip['find-links']) settings['UV_FIND_LINKS'] = words(pip['find-links']).join(',');
  if (pip['no-index'] && /^(1|true|yes|on)$/i.test(pip['no-index'])) settings['UV_NO_INDEX'] = '1';
  if (pip['cert'] && !env['SSL_CERT_FILE']) settings['SSL_CERT_FILE'] = pip['cert'];
  // Like pip, which looks into all of them; the lock's hashes keep a stranger's package out.
  if (settings['UV_INDEX']) settings['UV_INDEX_STRATEGY'] = 'unsafe-best-match';
  return settings;
}

function hasOwnSettings(env: NodeJS.ProcessEnv): boolean {
  const user = env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  const files = [join(user, 'uv/uv.toml'), '/etc/uv/uv.toml'];
  return Object.keys(env).some((name) => OWN_SETTINGS.test(name)) || files.some((file) => existsSync(file));
}

const OWN_SETTINGS = /^UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|OFFLINE|CONFIG_FILE)$/;

// Lines such as `global.index-url='https://…'`; later ones override.
async function pipSettings(python: string): Promise<Record<string, string>> {
  try {
    const { stdout } = await promisify(execFile)(python, ['-m', 'pip', 'config', 'list'], {
      cwd: '/',
      timeout: 20_000,
    });
    const lines = stdout.matchAll(/^(?:global|install|:env:)\.([a-z-]+)='(.*)'$/gm);
    return Object.fromEntries([...lines].map(([, name, value]) => [name!, value!]));
  } catch {
    return {};
  }
}

const words = (value: string): string[] => value.split(/(?:\s|\\n)+/).filter((word) => word !== '');
