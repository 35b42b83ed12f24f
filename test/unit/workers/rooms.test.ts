import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import glob from 'fast-glob';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../../../workers');
const files = glob.sync(['kits/{node,python}/**/*.{ts,py}', '*/src/**/*.{ts,py}'], {
  cwd: folder,
  ignore: ['**/tests/**'],
});

/** Kits that build on another one. */
const BELOW: Record<string, string[]> = {
  'kits/node': [],
  'kits/node/dataset': ['kits/node'],
  'kits/node/inference': ['kits/node', 'kits/node/dataset'],
  'kits/python/nx_study_worker': [],
  'kits/python/nx_study_dataset': ['kits/python/nx_study_worker'],
  'kits/python/nx_study_inference': ['kits/python/nx_study_worker', 'kits/python/nx_study_dataset'],
  'kits/python/nx_study_models': ['kits/python/nx_study_worker'],
  'kits/python/nx_study_posterior': ['kits/python/nx_study_worker'],
};

/** The kit or the worker to which a file belongs; null for one outside of workers/. */
function roomOf(file: string): string | null {
  if (file.startsWith('..')) return null;
  const kit = Object.keys(BELOW)
    .filter((name) => file.startsWith(`${name}/`))
    .toSorted((a, b) => b.length - a.length)[0];
  return kit ?? file.split('/')[0]!;
}

/** Python's packages in workers/, by name. */
const packages = new Map(
  files
    .filter((file) => /^(kits\/python|[^/]+\/src)\/[^/]+\/__init__\.py$/.test(file))
    .map((file) => [dirname(file).split('/').at(-1)!, dirname(file)]),
);

const TYPESCRIPT = /(?:\bfrom |\bimport\(|^import )'([^']+)'/gm;
const PYTHON = /^ *(?:from +(\w[\w.]*) +import|import +(\w[\w.]*))/gm;

interface Import {
  file: string;
  /** As it is written. */
  name: string;
  /** Relative to workers/; null for what is no file of this workspace. */
  target: string | null;
}

const imports: Import[] = files.flatMap((file) => {
  const isPython = file.endsWith('.py');
  return [...readFileSync(join(folder, file), 'utf8').matchAll(isPython ? PYTHON : TYPESCRIPT)].map(
    ([, first, second]) => {
      const name = (first ?? second)!;
      const place = name.startsWith('.') ? normalize(join(dirname(file), name)) : null;
      const found = packages.get(name.split('.')[0]!);
      return { file, name, target: isPython ? (found ? `${found}/` : null) : place };
    },
  );
});

/** Where imports of other rooms go that `allowed` doesn't have. */
const strays = (from: (file: string) => boolean, allowed: (room: string, target: string) => boolean): string[] =>
  imports
    .filter(({ file, target }) => target !== null && from(file) && roomOf(target) !== roomOf(file))
    .filter(({ file, target }) => !allowed(roomOf(file)!, roomOf(target!) ?? 'outside'))
    .map(({ file, name }) => `${file} → ${name}`);

const isKit = (file: string) => file.startsWith('kits/');

describe('kits and workers', () => {
  it('kits import only themselves and the kits below them, never a worker', () => {
    expect(strays(isKit, (room, target) => BELOW[room]!.includes(target))).toEqual([]);
  });

  it('workers import only kits and themselves', () => {
    expect(
      strays(
        (file) => !isKit(file),
        (_, target) => target in BELOW,
      ),
    ).toEqual([]);
  });

  it('kits for Python that a worker imports, and those that these import, belong to the identity', () => {
    const kits = [...packages.values()].filter(isKit);
    const usedBy = (room: string): string[] => {
      const used = kits.filter(
        (kit) => kit !== room && imports.some(({ file, target }) => roomOf(file) === room && target === `${kit}/`),
      );
      return used.flatMap((kit) => [kit, ...usedBy(kit)]);
    };
    const python = [...packages.values()].filter((place) => !isKit(place)).map((place) => place.split('/')[0]!);
    for (const worker of python) {
      const { measuring } = JSON.parse(readFileSync(join(folder, worker, 'worker.json'), 'utf8')) as {
        measuring: string[];
      };
      const missing = usedBy(worker).filter((kit) => !measuring.includes(`${kit.replace('kits/', '{kits}/')}/**/*.py`));
      expect({ worker, missing }).toEqual({ worker, missing: [] });
    }
  });

  it('the kit for Node needs no package', () => {
    const needed = imports.filter(({ file, name }) => file.startsWith('kits/node/') && !/^(\.|node:)/.test(name));
    expect(needed).toEqual([]);
  });

  it('are seen, all of them', () => {
    const between = new Set(
      imports
        .filter(({ file, target }) => target !== null && roomOf(target) !== roomOf(file))
        .map(({ file, target }) => `${roomOf(file)} → ${roomOf(target!)}`),
    );
    expect([...between].toSorted()).toEqual([
      'endpoint → kits/node',
      'endpoint → kits/node/dataset',
      'endpoint → kits/node/inference',
      'ideal-point → kits/python/nx_study_posterior',
      'ideal-point → kits/python/nx_study_worker',
      'kits/node/dataset → kits/node',
      'kits/node/inference → kits/node',
      'kits/node/inference → kits/node/dataset',
      'kits/python/nx_study_dataset → kits/python/nx_study_worker',
      'kits/python/nx_study_inference → kits/python/nx_study_dataset',
      'kits/python/nx_study_inference → kits/python/nx_study_worker',
      'kits/python/nx_study_models → kits/python/nx_study_worker',
      'kits/python/nx_study_posterior → kits/python/nx_study_worker',
      'llama-cpp → kits/node',
      'llama-cpp → kits/node/dataset',
      'llama-cpp → kits/node/inference',
      'pymc → kits/python/nx_study_posterior',
      'pymc → kits/python/nx_study_worker',
      ...['sglang', 'tensorrt-llm', 'transformers', 'vllm'].flatMap((worker) =>
        ['inference', 'models', 'worker'].map((kit) => `${worker} → kits/python/nx_study_${kit}`),
      ),
    ]);
  });
});
