import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import glob from 'fast-glob';
import { describe, expect, it } from 'vitest';
import { blocksOf, readPage } from '../helpers/docs.ts';

const source = join(import.meta.dirname, '../../plugins/nx-study/src');

/** Each room imports only from those above it, types included. The list stands in docs/design.md, too. */
const ROOMS = [
  'base',
  'workspace',
  'analysis',
  'figures',
  'machine',
  'yaml',
  'python',
  'worker',
  'record',
  'platform',
  'environment',
  'assets',
  'amendments',
  'plan',
  'kinds',
  'constraints',
  'study',
  'graph',
  'check',
  'state',
  'tables',
  'comparisons',
  'api',
  'page',
  'slurm',
  'measure',
  'commands',
  'generators',
];

/** The same within the room that measures. */
const ROOMS_OF_MEASURE = ['watch', 'limits', 'cooling', 'batch', 'worker', 'one', 'slurm', 'run'];

const IMPORT = /(?:\bfrom|\bimport\(|^import)\s*'(\.[^']+)'/gm;

/** File → the files that it imports, by value or for types; paths relative to the source folder. */
const imports = new Map(
  glob
    .sync('**/*.ts', { cwd: source })
    .map((file) => [
      file,
      [...readFileSync(join(source, file), 'utf8').matchAll(IMPORT)].map(([, path]) =>
        normalize(join(dirname(file), path!)),
      ),
    ]),
);

/** `from → to` of all imports that go from one room to a lower one of the list, or to one that is not in it. */
function against(rooms: readonly string[], folder: string): string[] {
  const roomOf = (file: string) => (file.startsWith(folder) ? file.slice(folder.length).split('/') : []);
  return [...imports].flatMap(([file, targets]) => {
    const [from, ...rest] = roomOf(file);
    if (from === undefined || rest.length === 0) return [];
    return targets
      .filter((target) => roomOf(target).length > 0)
      .filter((target) => {
        const [to] = roomOf(target) as [string];
        return (
          to !== from && !(rooms.includes(from) && rooms.indexOf(to) !== -1 && rooms.indexOf(to) < rooms.indexOf(from))
        );
      })
      .map((target) => `${file} → ${target}`);
  });
}

/** Groups of files that import each other in a circle. */
function circles(): string[][] {
  const left = new Map(
    [...imports].map(([file, targets]) => [file, new Set(targets.filter((one) => imports.has(one)))]),
  );
  // What imports nothing that is left is in no circle, and neither is what nothing imports.
  for (let before = -1; before !== left.size;) {
    before = left.size;
    const imported = new Set([...left.values()].flatMap((targets) => [...targets]));
    for (const [file, targets] of left) {
      for (const target of targets) if (!left.has(target)) targets.delete(target);
      if (targets.size === 0 || !imported.has(file)) left.delete(file);
    }
  }
  return [...left].map(([file, targets]) => [file, ...targets]);
}

describe('the rooms of the plugin', () => {
  it('are those of the list', () => {
    const folders = new Set([...imports.keys()].filter((file) => file.includes('/')).map((file) => file.split('/')[0]));
    expect(folders).toEqual(new Set(ROOMS));
  });

  it('stand in this order in docs/design.md', () => {
    const list = blocksOf('docs/design.md').find(({ text }) => text.startsWith('base/'))!;
    expect([...list.text.matchAll(/^(\w+)\//gm)].map(([, room]) => room)).toEqual(ROOMS);
    const [, within] = /`measure\/`[^.]*keep an order, too: (.*)\./.exec(readPage('docs/design.md'))!;
    expect([...within!.matchAll(/`(\w+)`/g)].map(([, room]) => room)).toEqual(ROOMS_OF_MEASURE);
  });

  it('import only from rooms above them', () => {
    expect(against(ROOMS, '')).toEqual([]);
  });

  it('keep an order within the room that measures, too', () => {
    expect(against(ROOMS_OF_MEASURE, 'measure/')).toEqual([]);
  });

  it('have no circle of files', () => {
    expect(circles()).toEqual([]);
  });

  it('are seen: there are many imports between them', () => {
    expect([...imports.values()].flat().length).toBeGreaterThan(1000);
  });
});
