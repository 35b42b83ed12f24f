import type { Tree } from '@nx/devkit';
import { isJsonObject } from '../../base/json.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Worker } from '../../worker/manifest.ts';
import { studyTexts as texts } from '../texts.ts';

const propertiesOf = ({ configSchema }: Worker): JsonObject =>
  isJsonObject(configSchema.properties) ? configSchema.properties : {};

const first = (path: string): string => path.split('.')[0]!;

/** Whether the worker has all settings of these axes. */
export const takes = (worker: Worker, axes: object): boolean =>
  Object.keys(axes).every((path) => Object.hasOwn(propertiesOf(worker), first(path)));

/** @throws Error for an axis whose setting the worker does not have. */
export function refuseAxes(worker: Worker, axes: object): void {
  const known = Object.keys(propertiesOf(worker));
  const wrong = Object.keys(axes).find((path) => !known.includes(first(path)));
  if (wrong !== undefined) throw new Error(texts.noAxis(wrong, worker.name, known));
}

/** The settings that the worker needs, that have no default and that no axis gives: with their descriptions. */
export function missingSettings(worker: Worker, axes: object): [string, string][] {
  const { required } = worker.configSchema;
  const given = new Set(Object.keys(axes).map(first));
  const needed = Array.isArray(required) ? (required as string[]).filter((name) => !given.has(name)) : [];
  return needed.flatMap((name): [string, string][] => {
    const property = propertiesOf(worker)[name];
    if (!isJsonObject(property)) return [[name, '']];
    return 'default' in property ? [] : [[name, typeof property.description === 'string' ? property.description : '']];
  });
}

/** The page about the worker's settings, or their schema. */
export function settingsFile(tree: Tree, { root, manifest }: Worker): string {
  const page = `${root}/README.md`;
  return tree.exists(page) ? page : `${root}/${manifest.config}`;
}
