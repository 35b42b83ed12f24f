import { posix } from 'node:path';
import { isAssetName } from '../assets/name.ts';
import { assetTexts } from '../assets/texts.ts';
import type { JsonObject } from '../base/json.ts';
import { valueAt } from '../base/path.ts';
import type { Text } from '../base/words.ts';
import type { ConfigProblem } from '../worker/problem.ts';

/**
 * Checks the form of names and paths of assets; whether they exist is checked when the study is loaded. Returns the settings
 * whose form is right.
 */
export function resolveAssets(
  configuration: JsonObject,
  paths: string[][],
): { paths: string[][]; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const good = paths.filter((path) => {
    const value = valueAt(configuration, path) as string;
    const text = problemOf(value, path);
    if (text) problems.push({ path, value, always: true, ...text });
    return text === null;
  });
  return { paths: good, problems };
}

function problemOf(value: string, path: string[]): Text | null {
  const dotted = path.find((key) => key.includes('.'));
  if (dotted !== undefined) return assetTexts.keyDot(dotted);
  if (isAssetName(value)) return null;
  if (!posix.isAbsolute(value) || value.includes('\0')) return assetTexts.relative(value);
  const normal = posix.normalize(value);
  return normal === value && !value.endsWith('/') ? null : assetTexts.notNormal(value, normal.replace(/(.)\/$/, '$1'));
}
