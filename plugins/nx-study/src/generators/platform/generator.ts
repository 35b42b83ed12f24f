import type { GeneratorCallback, Tree } from '@nx/devkit';
import { print } from '../../base/terminal.ts';
import { describeMachine } from '../../machine/description/describe.ts';
import { isProfile, platformFile } from '../../platform/name.ts';
import { writeEditorSchemas } from '../schemas.ts';
import { platformTexts as texts } from '../texts.ts';
import { workersIn } from '../workers.ts';
import { platformText } from './text.ts';

export interface PlatformOptions {
  name: string;
}

/** Writes a platform that this machine fits. @throws Error for a bad name, or one that is taken. */
export default async function platform(tree: Tree, { name }: PlatformOptions): Promise<GeneratorCallback> {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || !isProfile(name)) throw new Error(texts.name(name));
  const file = platformFile(tree.root, name);
  if (tree.exists(file)) throw new Error(texts.exists(file));
  tree.write(file, platformText(await describeMachine()));
  await writeEditorSchemas(tree, (await workersIn(tree)).values());
  return () => print(texts.next(name, file));
}
