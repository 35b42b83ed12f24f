import type { Tree } from '@nx/devkit';
import { isJsonObject } from '../../base/json.ts';
import type { JsonObject } from '../../base/json.ts';
import { STUDY_FILE, studiesPatterns } from '../../workspace/entry.ts';
import { studySchemaFile } from '../schemas.ts';

const FILE = '.vscode/settings.json';
const SCHEMAS = 'yaml.schemas';

/**
 * Names the schema of studies in VS Code's settings, where there are any. Settings with comments stay as they are, as they
 * would lose them: the first line of each generated study names the schema, too.
 */
export function registerSchemas(tree: Tree): void {
  if (!tree.exists('.vscode')) return;
  const settings = settingsOf(tree.read(FILE, 'utf8'));
  if (settings === null) return;
  const known = settings[SCHEMAS] ?? {};
  const name = `./${studySchemaFile(tree.root)}`;
  if (!isJsonObject(known) || name in known) return;
  const schemas = { ...known, [name]: studiesPatterns(tree.root).map((folder) => `${folder}/*/${STUDY_FILE}`) };
  tree.write(FILE, `${JSON.stringify({ ...settings, [SCHEMAS]: schemas }, null, 2)}\n`);
}

function settingsOf(text: string | null): JsonObject | null {
  if (text === null || text.trim() === '') return {};
  try {
    const settings: unknown = JSON.parse(text);
    return isJsonObject(settings) ? settings : null;
  } catch {
    return null;
  }
}
