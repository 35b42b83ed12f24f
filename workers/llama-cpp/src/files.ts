import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Unsupported } from '../../kits/node/index.ts';

// As the plugin has it: workers/kits/conformance/gguf-parts.json holds both to one rule.
const part = /-(?<number>\d{5})-of-(?<count>(?!00000)\d{5})\.gguf$/;

/** All files of a GGUF model, the one to load first; `path` is a file, its first part, or a folder with one model. */
export function ggufFiles(path: string): [first: string, ...others: string[]] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new Unsupported(`model: ${path} does not exist; name an asset or the absolute path of a GGUF file`);
  return parts(found.isDirectory() ? onlyModel(path) : path);
}

function parts(first: string): [string, ...string[]] {
  const found = part.exec(first)?.groups;
  if (!found) return [first];
  const [number, count] = [Number(found['number']), Number(found['count'])];
  if (number !== 1) throw new Unsupported(`model: ${first} is part ${number} of ${count}; name the first part`);
  const others = Array.from({ length: count - 1 }, (_, index) =>
    first.replace(part, `-${String(index + 2).padStart(5, '0')}-of-${found['count']}.gguf`),
  );
  for (const other of others)
    if (!statSync(other, { throwIfNoEntry: false }))
      throw new Unsupported(`model: ${basename(other)} is missing in ${dirname(first)}; the model has ${count} parts`);
  return [first, ...others];
}

function onlyModel(folder: string): string {
  const models = readdirSync(folder)
    .filter((name) => name.endsWith('.gguf') && Number(part.exec(name)?.groups?.['number'] ?? 1) === 1)
    .sort();
  if (models.length === 1) return join(folder, models[0]!);
  const problem = models.length === 0 ? 'has no GGUF file' : `has several models: ${models.join(', ')}`;
  throw new Unsupported(`model: the folder ${folder} ${problem}; name the file to load`);
}
