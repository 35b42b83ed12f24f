// Makes plugins/nx-study/dist-package, the folder that is published: what package.json lists of the build, with types, and
// without what only this repository uses. After tools/build.mjs.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';

const repository = join(import.meta.dirname, '..');
const plugin = join(repository, 'plugins/nx-study');
const { devDependencies: _, scripts: __, nx: ___, ...manifest } = JSON.parse(read(join(plugin, 'package.json')));

/** Makes the package in a folder, which is replaced. */
export function makePackage(folder) {
  rmSync(folder, { recursive: true, force: true });
  for (const name of [...manifest.files, 'LICENSE', 'README.md'])
    cpSync(join(plugin, name), join(folder, name), { recursive: true });
  const published = { ...manifest, exports: withoutSource(manifest.exports) };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  writeTypes(join(folder, 'dist'));
}

/** Sources are not published. */
function withoutSource(exports) {
  if (typeof exports === 'string') return exports;
  const entries = Object.entries(exports).filter(([condition]) => condition !== '@nx-study/source');
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutSource(value)]));
}

/** Writes the declarations of the entries that have some, and of the files to which these refer. */
function writeTypes(dist) {
  const all = mkdtempSync(join(tmpdir(), 'nx-study-types-'));
  try {
    const tsc = join(repository, 'node_modules/.bin/tsc');
    const entries = Object.values(manifest.exports).flatMap(({ types }) => types?.slice('./dist/'.length) ?? []);
    const sources = entries.map((path) => join(plugin, 'src', path.replace(/\.d\.ts$/, '.ts')));
    writeFileSync(join(all, 'tsconfig.json'), JSON.stringify(declarations(all, sources)));
    execFileSync(tsc, ['-p', all], { stdio: 'inherit' });
    for (const path of withImports(all, entries)) {
      mkdirSync(dirname(join(dist, path)), { recursive: true });
      cpSync(join(all, path), join(dist, path));
    }
  } finally {
    rmSync(all, { recursive: true, force: true });
  }
}

const declarations = (outDir, files) => ({
  extends: join(repository, 'tsconfig.base.json'),
  compilerOptions: {
    declaration: true,
    emitDeclarationOnly: true,
    stripInternal: true,
    noCheck: true,
    allowImportingTsExtensions: true,
    rootDir: join(plugin, 'src'),
    typeRoots: [join(repository, 'node_modules/@types')],
    outDir,
  },
  files,
});

/** Declaration files and those that they import. @throws Error where one imports a package that users may not have. */
function withImports(folder, paths, found = new Set()) {
  for (const path of paths) {
    if (found.has(path)) continue;
    found.add(path);
    const imported = [...read(join(folder, path)).matchAll(/\b(?:from |import\()['"]([^'"]+)['"]/g)].map(
      ([, to]) => to,
    );
    const own = imported.filter((to) => to.startsWith('.'));
    const foreign = imported.filter((to) => !to.startsWith('.') && !isInstalled(to));
    if (foreign.length > 0) throw new Error(`${path} refers to ${foreign.join(', ')}, which users don't have`);
    withImports(
      folder,
      own.map((to) => normalize(join(dirname(path), to)).replace(/\.ts$/, '.d.ts')),
      found,
    );
  }
  return found;
}

const isInstalled = (name) =>
  Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).some(
    (known) => name === known || name.startsWith(`${known}/`),
  );

function read(file) {
  return readFileSync(file, 'utf8');
}

if (import.meta.filename === process.argv[1]) makePackage(join(plugin, 'dist-package'));
