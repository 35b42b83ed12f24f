import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { modulesOf } from '../../../plugins/nx-study/src/python/modules.ts';
import { temporaryFolder } from '../machine/helpers.ts';

/** A workspace with these files, and the modules of `models/model.py` in it. */
function modules(files: Record<string, string>, change: (root: string) => void = () => {}) {
  const root = temporaryFolder();
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
  change(root);
  const { files: found, problems } = modulesOf(root, 'models/model.py');
  return { found, problems: problems.map(({ message }) => message.replaceAll(root, '<root>')) };
}

/** The same with empty modules, without problems. */
function found(model: string, ...others: string[]): string[] {
  const result = modules({ 'models/model.py': model, ...Object.fromEntries(others.map((file) => [file, ''])) });
  expect(result.problems).toEqual([]);
  return result.found;
}

it.each([
  ['import a, numpy', ['a.py'], ['a.py']],
  [
    'import p.q.r as s',
    ['p/__init__.py', 'p/q/__init__.py', 'p/q/r.py', 'p/other.py'],
    ['p/__init__.py', 'p/q/__init__.py', 'p/q/r.py'],
  ],
  ['from p import f, m', ['p/__init__.py', 'p/m.py', 'p/n.py'], ['p/__init__.py', 'p/m.py']],
  ['from a import b', ['a.py', 'a/b.py'], ['a.py']],
  ['from . import a', ['a.py', 'b.py'], ['a.py']],
  ['from .p.m import f', ['p/__init__.py', 'p/m.py'], ['p/__init__.py', 'p/m.py']],
  ['from a import *', ['a.py'], ['a.py']],
  [
    'from p import *',
    ['p/__init__.py', 'p/m.py', 'p/data.csv', 'p/q/__init__.py'],
    ['p/__init__.py', 'p/m.py', 'p/q/__init__.py'],
  ],
  ['import_module("a")', ['a.py'], ['a.py']],
  ['import pandas', ['pandas.py'], ['pandas.py']],
  ['import p', ['p.py', 'p/__init__.py'], ['p/__init__.py']],
  ['import n.m', ['n/m.py'], ['n/m.py']],
  ['import a', ['a.cpython-312-x86_64-linux-gnu.so', 'a.py'], ['a.cpython-312-x86_64-linux-gnu.so']],
  ['import a', ['ab.py', 'a.txt', '../a.py'], []],
  ['import model', [], []],
])('%s, with %j', (model, others, expected) => {
  expect(found(model, ...others.map((file) => join('models', file)))).toEqual(expected.map((file) => `models/${file}`));
});

it('follows the imports of modules: absolute names from the folder of the file, relative ones from their own', () => {
  const files = {
    'models/model.py': 'import p.a',
    'models/p/__init__.py': 'from . import b',
    'models/p/a.py': 'from .. import top\nimport c\nfrom .c import x',
    'models/p/b.py': 'import model\nimport p.a',
    'models/p/c.py': '',
    'models/c.py': '',
    'models/top.py': '',
    'models/other.py': '',
  };
  expect(modules(files)).toEqual({
    found: ['models/c.py', 'models/p/__init__.py', 'models/p/a.py', 'models/p/b.py', 'models/p/c.py', 'models/top.py'],
    problems: [],
  });
});

it('says where an import goes above the folder', () => {
  const files = { 'models/model.py': 'import a\n\nfrom ..shared import b', 'models/a.py': '', 'shared.py': '' };
  expect(modules(files)).toEqual({
    found: ['models/a.py'],
    problems: ['models/model.py, line 3, imports `..shared` from above the folder models'],
  });
});

it('follows links within the workspace, and none out of it', () => {
  const elsewhere = temporaryFolder();
  writeFileSync(join(elsewhere, 'far.py'), '');
  const files = { 'models/model.py': 'import near.m, far, gone', 'shared/m.py': 'import a', 'models/a.py': '' };
  const result = modules(files, (root) => {
    symlinkSync('../shared', join(root, 'models/near'));
    symlinkSync(join(elsewhere, 'far.py'), join(root, 'models/far.py'));
    symlinkSync('nothing.py', join(root, 'models/gone.py'));
  });
  expect(result).toEqual({
    found: ['models/a.py', 'models/far.py', 'models/near/m.py'],
    problems: ['models/far.py, which models/model.py imports, is a link that leaves the workspace'],
  });
});

it('refuses a file that is a link into another folder, which has other modules', () => {
  const result = modules({ 'shared/real.py': 'import a', 'models/a.py': '' }, (root) =>
    symlinkSync('../shared/real.py', join(root, 'models/model.py')),
  );
  expect(result.problems).toEqual([
    'models/model.py is a link to <root>/shared/real.py, which has other modules beside it',
  ]);
});

it('finds nothing for a file that is not there, nor a folder that ends with .py', () => {
  expect(modules({})).toEqual({ found: [], problems: [] });
  expect(modules({ 'models/model.py': 'import a', 'models/a.py/x.txt': '' })).toEqual({ found: [], problems: [] });
});

it('reads a file again after an edit', () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'models'));
  writeFileSync(join(root, 'models/a.py'), '');
  writeFileSync(join(root, 'models/model.py'), 'pass');
  expect(modulesOf(root, 'models/model.py').files).toEqual([]);
  writeFileSync(join(root, 'models/model.py'), 'import a');
  expect(modulesOf(root, 'models/model.py').files).toEqual(['models/a.py']);
});
