import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf } from '../../../plugins/nx-study/src/python/imports.ts';
import { temporaryFolder } from '../machine/helpers.ts';

/** Each import as `line: dots and module (names)`. */
const found = (source: string): string[] =>
  importsOf(source).map(
    ({ level, module, names, line }) =>
      `${line}: ${'.'.repeat(level)}${module.join('.')}${names.length > 0 ? ` (${names.join(' ')})` : ''}`,
  );

describe('statements', () => {
  it.each([
    ['import a', ['1: a']],
    ['import a.b.c as d, e', ['1: a.b.c', '1: e']],
    ['from a.b import c as d, e', ['1: a.b (c e)']],
    ['from . import a', ['1: . (a)']],
    ['from ...a.b import c', ['1: ...a.b (c)']],
    ['from .. . a import(b)', ['1: ...a (b)']],
    ['from a import *', ['1: a (*)']],
    ['from a import (  # first\n    b,  # import x\n    c as d,\n)\nimport e', ['1: a (b c)', '5: e']],
    ['import a; import b;from c import d', ['1: a', '1: b', '1: c (d)']],
    ['from a \\\n  import b, \\\n  c\nimport \\\n d', ['1: a (b c)', '4: d']],
    ['if x: import a\nelse: from b import c', ['1: a', '2: b (c)']],
    ['def f():\n\ttry:\n\t\timport a\n\texcept ImportError:\n\t\ta = None', ['3: a']],
    ['if TYPE_CHECKING:\r\n    import a\r\nimport b', ['2: a', '3: b']],
    ['import π.größe', ['1: π.größe']],
    ['lazy import a', ['1: a']],
    ['x = [1,\n2]\nimport a', ['3: a']],
  ])('%j', (source, expected) => {
    expect(found(source)).toEqual(expected);
  });
});

describe('calls with a literal name', () => {
  it.each([
    ['importlib.import_module("a.b")', ['1: a.b']],
    ["m = import_module('.a', __package__)", ['1: .a']],
    ['__import__("a")', ['1: a']],
    ['f"{import_module("a").x!r:>{width}} {{import_module("b")}}"', ['1: a']],
    ['import_module(name)', []],
    ['import_module("a" + name)', ['1: a']],
    ['import_module(f"a{x}")', []],
  ])('%s', (source, expected) => {
    expect(found(source)).toEqual(expected);
  });
});

describe('none', () => {
  it.each([
    ['# import a'],
    ["\"import a\"\n'''\nimport b\nfrom c import d\n'''"],
    ['x = "\\"; import a"'],
    ['r"\\"; import a"'],
    ['rb"""\nimport a\n"""'],
    ['raise E from a'],
    ['yield from a'],
    ['important = from_here = 1'],
    ['"""a\\"""\nimport b\n"""'],
    ['f"{x[\'import a\']}"'],
    ['f"""{\nx}\nimport a\n"""'],
  ])('%j', (source) => {
    expect(found(source)).toEqual([]);
  });

  it('what is wrong gives something, and never an error', () => {
    for (const source of ['"', "'''", 'f"{', 'import', 'from', 'from .', 'import a as', '(', '\\', 'f"{x:{'])
      expect(() => importsOf(source)).not.toThrow();
  });
});

// Its tests are the sources with the oddest strings that there are.
const MODULES = [
  'ast',
  'asyncio',
  'inspect',
  'json',
  'typing',
  'test.test_fstring',
  'test.test_string_literals',
  'pydoc',
];
const LISTED_BY_PYTHON = `
import ast, importlib.util, json, sys
found = {}
for name in sys.argv[1:]:
    spec = importlib.util.find_spec(name)
    if spec is None:
        continue
    with open(spec.origin, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    found[spec.origin] = [
        f"{node.lineno}: {name}"
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [f"{'.' * node.level}{node.module or ''} ({' '.join(alias.name for alias in node.names)})"]
        )
    ]
print(json.dumps(found))
`;

it('finds every import statement that Python finds in its own library', () => {
  const script = join(temporaryFolder(), 'list.py');
  writeFileSync(script, LISTED_BY_PYTHON);
  const listed = JSON.parse(
    execFileSync('python3', ['-W', 'ignore', script, ...MODULES], { encoding: 'utf8' }),
  ) as Record<string, string[]>;
  expect(Object.keys(listed).length).toBeGreaterThan(4);
  for (const [path, imports] of Object.entries(listed)) {
    const missed = imports.filter((one) => !found(readFileSync(path, 'utf8')).includes(one));
    expect({ path, missed }).toEqual({ path, missed: [] });
    expect(imports.length).toBeGreaterThan(0);
  }
});
