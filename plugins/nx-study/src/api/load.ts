import { loadStudy as load } from '../study/load.ts';
import { studyFile } from '../workspace/places.ts';
import { readWorkers } from '../worker/read.ts';
import { rootOf } from './place.ts';
import type { Place } from './place.ts';
import { studyOf } from './study.ts';
import type { Study } from './types.ts';

/**
 * Reads the file of a study and plans it: which experiments it has, and in which order it measures them. Reads no
 * results, and writes nothing.
 * @throws StudyError with everything that is wrong with the study, each problem with its line; Error where `workspaceRoot`
 * is none, the plugin's options in nx.json are wrong, or the file system fails.
 */
export async function loadStudy(name: string, place: Place = {}): Promise<Study> {
  const workspaceRoot = rootOf(place);
  const workers = await readWorkers(workspaceRoot);
  const { plan } = await load({ workspaceRoot, file: studyFile(workspaceRoot, name), workers });
  return studyOf(workspaceRoot, plan);
}
