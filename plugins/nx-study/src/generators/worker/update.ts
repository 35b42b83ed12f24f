import type { GeneratorCallback, Tree } from '@nx/devkit';
import { readJson } from '@nx/devkit';
import { lineDiff } from '../../base/line-diff.ts';
import { print } from '../../base/terminal.ts';
import type { Manifest } from '../../worker/manifest.ts';
import { workerTexts as texts } from '../texts.ts';
import { differencesOf } from './files.ts';
import type { Difference } from './files.ts';
import { SHIPPED } from '../../worker/shipped.ts';
import { provenance, shippedFiles } from './shipped.ts';

/**
 * Shows how a copied worker, with the kit files that it needs, differs from the one of the installed nx-study; with `write`
 * it takes the latter over. Files that only the workspace has stay.
 * @throws Error for a worker that was not copied.
 */
export async function updateWorker(tree: Tree, folder: string, write: boolean): Promise<GeneratorCallback> {
  const name = originOf(tree, folder);
  const differences = await differencesOf(tree, shippedFiles(tree.root, folder, name));
  if (write) for (const { path, text } of differences) tree.write(path, text);
  const report = reportOf(name, differences, { folder, write });
  return () => print(report);
}

/** The shipped worker that a folder was copied from. */
function originOf(tree: Tree, folder: string): string {
  const file = `${folder}/worker.json`;
  if (!tree.exists(file)) throw new Error(texts.noWorker(folder));
  const { from } = readJson<Partial<Manifest>>(tree, file);
  if (from === undefined) throw new Error(texts.ownWorker(file));
  const [, name] = /^nx-study@[^/]+\/(.*)$/.exec(from) ?? [];
  if (name === undefined) throw new Error(texts.otherPackage(file, from));
  if (!(SHIPPED as readonly string[]).includes(name)) throw new Error(texts.goneWorker(file, from));
  return name;
}

function reportOf(
  name: string,
  differences: Difference[],
  { folder, write }: { folder: string; write: boolean },
): string {
  const from = provenance(name);
  if (differences.length === 0) return texts.same(name, from);
  const shown = differences.map(differenceText);
  if (differences.length === 1 && onlyVersion(differences[0]!, folder)) return texts.onlyVersion(name, from);
  const end = write ? texts.written(differences.length, from) : texts.differs(differences.length, from);
  return [...shown, end].join('\n\n');
}

const withoutOrigin = (text: string | null): string => (text ?? '').replace(/"from": *"[^"]*"/, '');

const onlyVersion = ({ path, own, text }: Difference, folder: string): boolean =>
  path === `${folder}/worker.json` && withoutOrigin(own) === withoutOrigin(text);

// The comparison takes the product of both numbers of lines, in time and memory: a lock file has ten thousand.
const MOST_LINES = 3000;

function differenceText({ path, own, text }: Difference): string {
  if (own === null) return texts.fresh(path);
  const [before, after] = [own, text].map((one) => one.split('\n').length) as [number, number];
  return Math.max(before, after) > MOST_LINES ? texts.large(path, before, after) : lineDiff(path, own, text);
}
