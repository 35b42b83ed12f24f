import { studyTexts } from './texts.ts';
import { leaves } from '../base/path.ts';
import type { Problem } from '../yaml/problem.ts';
import { settingsFor } from './scope.ts';
import type { Scopes, Setting } from './scope.ts';
import type { Dimension } from './dimension.ts';

interface Owner {
  dimension: Dimension;
  setting: Setting;
}

/** Refuses dimensions that set a path which an earlier one sets, and returns the others. */
export function refuseClashes(dimensions: Dimension[], scopes: Scopes, problems: Problem[]): Dimension[] {
  const clashing = new Set<Dimension>();
  for (const worker of scopes.used) {
    const whole = new Map<string, Owner>();
    const inside = new Map<string, Owner>();
    for (const dimension of dimensions) {
      const clash = ownPaths(dimension, worker).find(({ path }) => ownerOf(path, dimension, whole, inside));
      if (clash && !clashing.has(dimension)) {
        clashing.add(dimension);
        const other = ownerOf(clash.path, dimension, whole, inside)!;
        problems.push(clashProblem(clash.path, dimension, clash.setting, other));
      }
      if (clash) continue;
      for (const { path, setting } of ownPaths(dimension, worker)) {
        const owner = { dimension, setting };
        whole.set(path.join('\0'), owner);
        for (let length = 1; length < path.length; length++) inside.set(path.slice(0, length).join('\0'), owner);
      }
    }
  }
  return dimensions.filter((dimension) => !clashing.has(dimension));
}

/** The paths that a dimension sets: an axis its whole path, variants the leaves of their values. */
function ownPaths({ kind, choices }: Dimension, worker: string): { path: string[]; setting: Setting }[] {
  const own = (kind === 'variants' ? choices : choices.slice(0, 1)).flatMap(({ settings }) =>
    settingsFor(settings, worker),
  );
  if (kind !== 'variants') return own.map((setting) => ({ path: setting.path, setting }));
  return own.flatMap((setting) => leaves(setting.value, setting.path).map(({ path }) => ({ path, setting })));
}

function ownerOf(
  path: string[],
  dimension: Dimension,
  whole: Map<string, Owner>,
  inside: Map<string, Owner>,
): Owner | null {
  const found = [inside.get(path.join('\0'))];
  for (let length = 1; length <= path.length; length++) found.push(whole.get(path.slice(0, length).join('\0')));
  return found.find((owner) => owner && owner.dimension !== dimension) ?? null;
}

function clashProblem(path: string[], dimension: Dimension, setting: Setting, other: Owner): Problem {
  const place = dimension.kind === 'variants' ? setting.at : setting.at.slice(0, -1);
  return {
    at: place,
    key: true,
    ...studyTexts.clash(path.join('.'), describe(dimension), describe(other.dimension)),
  };
}

function describe({ kind, name }: Dimension): string {
  if (kind === 'variants') return `the variants \`${name}\``;
  return kind === 'zip' ? `the linked axes \`${name}\`` : `the axis \`${name}\``;
}
