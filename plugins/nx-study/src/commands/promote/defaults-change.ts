import { canonicalJson } from '../../base/canonical.ts';
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { overlap, valueAt } from '../../base/path.ts';
import type { Experiment } from '../../plan/types.ts';
import { configChecker } from '../../worker/config.ts';
import type { Worker } from '../../worker/manifest.ts';
import { editYaml } from '../../yaml/edit.ts';
import { changesBetween } from './differences.ts';
import type { Promotion } from './study-change.ts';
import { promoteTexts, refusals, whyNoDefault } from './texts.ts';
import type { Change } from './texts.ts';

/**
 * The change of a worker's schema that makes the settings in which an experiment differs from its study's base its defaults.
 * @param base - the settings of the study's base for this worker, as written.
 * @throws Error for files and models, for settings without a place of their own in the schema, and where the default would not have the effect.
 */
export function promoteToDefaults(
  { text, worker }: { text: string; worker: Worker },
  experiment: Experiment,
  { study, base }: { study: string; base: JsonObject },
): Promotion {
  const file = `${worker.root}/${worker.manifest.config}`;
  const check = configChecker(worker);
  // As written: data files are not resolved yet, so that those that stay are equal.
  const [before, promoted] = [base, experiment.written].map((written) => check(written).configuration);
  const changes = defaultsOf(worker, { ...experiment, configuration: promoted! }, before!);
  let after = text;
  for (const { path, after: value } of changes) after = editYaml(after, [...placeOf(path), 'default'], value, 'json');
  refuseWithoutEffect(worker, after, experiment, changes);
  const names = changes.map(({ path }) => path.join('.'));
  const itself = changes.filter(({ path }) => valueAt(base, path) !== undefined).map(({ path }) => path.join('.'));
  const remarks = [
    ...(names.length > 0 ? [promoteTexts.contract(worker.name, names)] : []),
    ...(itself.length > 0 ? [promoteTexts.setsItself(study, itself)] : []),
  ];
  return { file, before: text, after, changes, consequences: { repeats: [], changed: [], anew: null, remarks } };
}

/** Each difference at the innermost property that stands in the schema at a place of its own, such as a whole map. */
function defaultsOf(worker: Worker, { configuration, dataFiles, assets }: Experiment, base: JsonObject): Change[] {
  const files = [...dataFiles, ...assets].map((path) => path.split('.'));
  const found = new Map<string, Change>();
  for (const { path } of changesBetween(base, configuration)) {
    const refuse = (why: string) => new Error(refusals.noDefault(worker.name, path, why));
    if (files.some((one) => overlap(one, path))) throw refuse(whyNoDefault.data);
    let length = path.length;
    while (length > 0 && !isProperty(worker.configSchema, path.slice(0, length))) length -= 1;
    const here = path.slice(0, length);
    const after = valueAt(configuration, here);
    if (length === 0 || after === undefined) throw refuse(whyNoDefault.schema);
    found.set(here.join('\0'), {
      path: here,
      before: valueAt(worker.configSchema as JsonObject, [...placeOf(here), 'default']),
      after,
    });
  }
  return [...found.values()];
}

const placeOf = (path: readonly string[]): string[] => path.flatMap((key) => ['properties', key]);

const isProperty = (schema: Record<string, unknown>, path: readonly string[]): boolean =>
  isJsonObject(valueAt(schema as JsonObject, placeOf(path)));

function refuseWithoutEffect(worker: Worker, text: string, experiment: Experiment, changes: readonly Change[]): void {
  if (changes.length === 0) return;
  const refuse = () => new Error(refusals.noDefault(worker.name, changes[0]!.path, whyNoDefault.value));
  const configSchema = JSON.parse(text) as Record<string, unknown>;
  const rest = changes.reduce((settings, { path }) => without(settings, path), experiment.written);
  const { configuration, problems } = configChecker({ ...worker, configSchema })(rest);
  if (problems.length > 0) throw refuse();
  for (const { path, after } of changes)
    if (canonicalJson(valueAt(configuration, path) ?? null) !== canonicalJson(after!)) throw refuse();
}

/** A study that doesn't set a setting has no empty map around it either, so that the default of that map counts. */
function without(settings: JsonObject, [key, ...rest]: readonly string[]): JsonObject {
  const { [key!]: inner, ...others } = settings;
  if (rest.length === 0 || !isJsonObject(inner)) return rest.length === 0 ? others : settings;
  const left = without(inner, rest);
  return Object.keys(left).length === 0 ? others : { ...settings, [key!]: left };
}
