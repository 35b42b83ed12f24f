import type { Tree } from '@nx/devkit';
import { readAssets } from '../assets/manifest.ts';
import { platformEditorSchema } from '../platform/schema.ts';
import { editorSchema } from '../study/editor.ts';
import type { Worker } from '../worker/manifest.ts';
import { platformsFolder } from '../platform/name.ts';
import { sharedByStudies } from '../workspace/places.ts';

/** The schema of studies, relative to the workspace. */
export const studySchemaFile = (workspaceRoot: string): string => sharedByStudies('study.schema.json', workspaceRoot);

/**
 * Writes the schemas that editors read into the tree: of studies with these workers, and of platforms where there are any.
 * One with the same content in another form stays, so that it can be formatted.
 * @returns the files that it wrote, relative to the workspace root.
 */
export async function writeEditorSchemas(tree: Tree, workers: Iterable<Worker>): Promise<string[]> {
  const { assets } = await readAssets(tree.root);
  const schemas: [string, object][] = [[studySchemaFile(tree.root), editorSchema([...workers], [...assets.keys()])]];
  const platforms = platformsFolder(tree.root);
  if (tree.children(platforms).some((name) => name.endsWith('.yaml')))
    schemas.push([`${platforms}/platform.schema.json`, platformEditorSchema()]);
  return schemas.flatMap(([file, schema]) => {
    if (sameContent(tree.read(file, 'utf8'), schema)) return [];
    tree.write(file, `${JSON.stringify(schema, null, 2)}\n`);
    return [file];
  });
}

function sameContent(text: string | null, schema: object): boolean {
  try {
    return text !== null && JSON.stringify(JSON.parse(text)) === JSON.stringify(schema);
  } catch {
    return false;
  }
}
