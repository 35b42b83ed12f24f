/**
 * Programs that read a JSON list of names from stdin, import each, and write a line of JSON: for each its version, or why it
 * can't be imported; of PyTorch also for which CUDA it was built, and whether it finds a GPU.
 */
export const IMPORTING_PYTHON = `
import importlib, json, os, sys
names = json.load(sys.stdin)
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

def version(name, module):
    from importlib import metadata
    for each in (metadata.packages_distributions().get(name.split(".")[0]) or [name]):
        try:
            return metadata.version(each)
        except metadata.PackageNotFoundError:
            pass
    return getattr(module, "__version__", None)

def cuda(name, module):
    if name != "torch":
        return None
    gpus = module.cuda.device_count() if module.cuda.is_available() else 0
    return {"built_for": module.version.cuda, "gpus": gpus}

def look(name):
    try:
        module = importlib.import_module(name)
        return {"name": name, "version": version(name, module), "error": None, "cuda": cuda(name, module)}
    except BaseException as error:
        return {"name": name, "version": None, "error": f"{type(error).__name__}: {error}"}

found = [look(name) for name in names]
out.write(json.dumps(found) + "\\n")
out.flush()
os._exit(0)
`;

/** @param modules - the folder node_modules of the environment. */
export const importingNode = (modules: string): string => `
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
const names = JSON.parse(readFileSync(0, 'utf8'));
const modules = ${JSON.stringify(modules)};
const find = createRequire(join(dirname(modules), 'any.js'));
const found = [];
for (const name of names) {
  try {
    await import(pathToFileURL(find.resolve(name)).href);
    const { version } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'));
    found.push({ name, version, error: null });
  } catch (error) {
    found.push({ name, version: null, error: String(error?.message ?? error) });
  }
}
process.stdout.write(JSON.stringify(found) + '\\n', () => process.exit(0));
`;
