import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { studyTexts } from './texts.ts';
import type { StudyFile } from './study.ts';
import { refuseClashes } from './clash.ts';
import { overlap } from '../base/path.ts';
import type { Place, Problem } from '../yaml/problem.ts';
import { readKey, readSettings, settingsFor } from './scope.ts';
import type { Scopes } from './scope.ts';
import type { Dimension } from './dimension.ts';

/** The dimensions of a study, over all its workers, in the order in which they are crossed. */
export function readDimensions(study: StudyFile, scopes: Scopes, problems: Problem[]): Dimension[] {
  const dimensions = [
    ...Object.entries(study.sweep).flatMap(([key, values]) => axis(key, values, scopes, problems) ?? []),
    ...study.zip.flatMap((block, index) => zipped(block, ['zip', index], scopes, problems) ?? []),
    ...Object.entries(study.variants).flatMap(([name, group]) => variants(name, group, scopes, problems) ?? []),
  ];
  refuseGroupNamedLikeAxis(dimensions, problems);
  return refuseClashes(dimensions, scopes, problems);
}

/** The dimensions that vary something for one worker, with only its settings. */
export function dimensionsFor(dimensions: Dimension[], worker: string): Dimension[] {
  return dimensions
    .map((dimension) => ({
      ...dimension,
      choices: dimension.choices.map((choice) => ({ ...choice, settings: settingsFor(choice.settings, worker) })),
    }))
    .filter(({ choices }) => choices.some(({ settings }) => settings.length > 0))
    .map((dimension) => (dimension.kind === 'zip' ? onlyOwnAxes(dimension) : dimension));
}

// A linked block may hold axes of several workers; each worker's results name its own.
function onlyOwnAxes(dimension: Dimension): Dimension {
  return {
    ...dimension,
    choices: dimension.choices.map((choice) => ({
      ...choice,
      varied: Object.fromEntries(choice.settings.map(({ path, value }) => [path.join('.'), value])),
    })),
  };
}

function axis(key: string, values: Json[], scopes: Scopes, problems: Problem[]): Dimension | null {
  const at = ['sweep', key];
  const target = axisTarget(key, at, scopes, problems);
  if (!target || !Array.isArray(values)) return null;
  const path = target.path.join('.');
  return {
    name: key,
    kind: 'sweep',
    at,
    choices: values.map((value, index) => ({
      settings: [{ ...target, value, at: [...at, index] }],
      varied: { [path]: value },
      variant: null,
    })),
  };
}

function axisTarget(key: string, at: Place, scopes: Scopes, problems: Problem[]) {
  const target = readKey(key, at, scopes, problems);
  if (target?.path.length !== 0) return target;
  problems.push({ at, key: true, ...studyTexts.scopeAlone(key) });
  return null;
}

function zipped(block: Record<string, Json[]>, at: Place, scopes: Scopes, problems: Problem[]): Dimension | null {
  if (!isJsonObject(block)) return null;
  const axes = Object.entries(block).flatMap(([key, values]) => {
    const target = axisTarget(key, [...at, key], scopes, problems);
    return target && Array.isArray(values) ? [{ key, values, target }] : [];
  });
  refuseOverlaps(axes, at, problems);
  const lengths = axes.map(({ key, values }): [string, number] => [key, values.length]);
  const length = lengths[0]?.[1] ?? 0;
  if (length === 0) return null;
  if (lengths.some(([, count]) => count !== length)) {
    problems.push({ at, ...studyTexts.zipLengths(lengths) });
    return null;
  }
  return {
    name: axes.map(({ key }) => key).join(' + '),
    kind: 'zip',
    at,
    choices: Array.from({ length }, (_, index) => ({
      settings: axes.map(({ key, values, target }) => ({ ...target, value: values[index]!, at: [...at, key, index] })),
      varied: Object.fromEntries(axes.map(({ values, target }) => [target.path.join('.'), values[index]!])),
      variant: null,
    })),
  };
}

interface LinkedAxis {
  key: string;
  target: { scope: string | null; path: string[] };
}

function refuseOverlaps(axes: LinkedAxis[], at: Place, problems: Problem[]): void {
  for (const [index, { key, target }] of axes.entries()) {
    const other = axes.slice(0, index).find(({ target: earlier }) => {
      const shared = earlier.scope === null || target.scope === null || earlier.scope === target.scope;
      return shared && overlap(earlier.path, target.path);
    });
    if (other) problems.push({ at: [...at, key], key: true, ...studyTexts.twice(target.path.join('.'), other.key) });
  }
}

function variants(
  name: string,
  group: Record<string, JsonObject>,
  scopes: Scopes,
  problems: Problem[],
): Dimension | null {
  if (!isJsonObject(group)) return null;
  const at = ['variants', name];
  const choices = Object.entries(group).flatMap(([variant, map]) => {
    if (!isJsonObject(map)) return [];
    const settings = readSettings(map, [...at, variant], scopes, problems);
    return [{ settings, varied: { [name]: variant }, variant }];
  });
  if (choices.every(({ settings }) => settings.length === 0))
    problems.push({ at, key: true, secondary: true, ...studyTexts.emptyGroup(name) });
  return choices.length > 0 ? { name, kind: 'variants', at, choices } : null;
}

function refuseGroupNamedLikeAxis(dimensions: Dimension[], problems: Problem[]): void {
  const axes = new Set(
    dimensions.filter(({ kind }) => kind !== 'variants').flatMap(({ choices }) => Object.keys(choices[0]!.varied)),
  );
  for (const { name, kind, at } of dimensions)
    if (kind === 'variants' && axes.has(name)) problems.push({ at, key: true, ...studyTexts.groupIsAxis(name) });
}
