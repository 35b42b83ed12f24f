import { isAbsolute } from 'node:path';
import { AssetError, assetTexts } from './texts.ts';
import type { Place, Problem } from '../yaml/problem.ts';
import { readAssets } from './manifest.ts';
import type { Asset, AssetManifest } from './manifest.ts';
import { firstPartOf } from './name.ts';
import { stampOf } from './stamp.ts';
import type { StudyIssue } from '../yaml/texts.ts';
import { isInside } from '../base/inside.ts';

export interface CheckedAssets {
  known: ReadonlyMap<string, Asset>;
  problems: Problem[];
  /** Of studies/assets.yaml, when the study uses it. */
  issues: StudyIssue[];
}

/** Checks that the assets of a study exist. @param named - asset as the study names it → the place that names it first. */
export async function checkAssets(workspaceRoot: string, named: Map<string, Place>): Promise<CheckedAssets> {
  const uses = [...named.keys()].some((value) => !isAbsolute(value));
  const manifest = uses ? await readAssets(workspaceRoot) : { assets: new Map(), issues: [] };
  const problems: Problem[] = [];
  for (const [value, at] of named)
    problems.push(...(isAbsolute(value) ? await checkPath(workspaceRoot, value, at) : checkName(manifest, value, at)));
  return { known: manifest.assets, problems, issues: manifest.issues };
}

function checkName({ assets, issues }: AssetManifest, name: string, at: Place): Problem[] {
  return assets.has(name) || issues.length > 0 ? [] : [{ at, ...assetTexts.unknown(name, [...assets.keys()]) }];
}

async function checkPath(workspaceRoot: string, path: string, at: Place): Promise<Problem[]> {
  if (isInside(workspaceRoot, path)) return [{ at, ...assetTexts.insideWorkspace(path) }];
  const first = firstPartOf(path);
  if (first !== null) return [{ at, ...assetTexts.laterPart(path, first) }];
  try {
    return (await stampOf(path)) === null ? [{ at, ...assetTexts.missing(path) }] : [];
  } catch (error) {
    if (error instanceof AssetError) return [{ at, ...assetTexts.unusable(error.message) }];
    throw error;
  }
}
