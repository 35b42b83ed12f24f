import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { serveFiles } from './file-server.ts';
import type { FileServer } from './file-server.ts';

export interface Registry {
  server: FileServer;
  /** Content of package.json and package-lock.json of a project that needs the package. */
  project: { package: string; lock: string };
  env: Record<string, string>;
}

type Files = Record<string, string | Buffer | { linkTo: string }>;

/** A real npm registry with one package, version 1.0.0, of these files. */
export async function npmRegistry(name: string, files: Files, more = {}): Promise<Registry> {
  const tarball = pack({ ...files, 'package.json': JSON.stringify({ name, version: '1.0.0', ...more }) });
  const path = `/${name}/-/${name}-1.0.0.tgz`;
  const server = await serveFiles({ [path]: tarball });
  const resolved = `${server.url}${path}`;
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const version = { name, version: '1.0.0', dist: { tarball: resolved, integrity }, ...more };
  const packument = { name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } };
  server.files.set(`/${name}`, Buffer.from(JSON.stringify(packument)));
  const project = { name: 'environment', version: '1.0.0', dependencies: { [name]: '1.0.0' } };
  const lock = {
    name: 'environment',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': project,
      [`node_modules/${name}`]: { version: '1.0.0', resolved, integrity, hasInstallScript: true },
    },
  };
  return {
    server,
    project: { package: JSON.stringify(project), lock: JSON.stringify(lock) },
    env: { npm_config_registry: `${server.url}/`, npm_config_fetch_retries: '0' },
  };
}

function pack(files: Files): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'nx-study-registry-'));
  try {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, 'package', file)), { recursive: true });
      if (typeof content === 'object' && 'linkTo' in content)
        symlinkSync(content.linkTo, join(folder, 'package', file));
      else writeFileSync(join(folder, 'package', file), content);
    }
    execFileSync('tar', ['-czf', join(folder, 'it.tgz'), '-C', folder, 'package']);
    return readFileSync(join(folder, 'it.tgz'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
