import type { Engine } from './engine.ts';
import { lacks } from './texts.ts';
import { runTool } from './tool.ts';

/** An image that an engine has; or why there is none. */
export type FoundImage = { id: string; content: string | null } | { id: null; problem: string; isAbsent: boolean };

/** The label with the hash of all that an image was built from. */
export const CONTENT = 'nx-study.content';

const ANSWER = /^(?:sha256:)?[0-9a-f]+(?: \S.*)?$/;

/** Looks for an image of docker or podman by its name; pulls nothing. `content`: the value of its label. */
export async function inspectImage(
  { name, path }: Engine,
  image: string,
  { isBuilt, signal }: { isBuilt: boolean; signal?: AbortSignal | undefined },
): Promise<FoundImage> {
  const format = isBuilt ? `{{.Id}} {{index .Config.Labels "${CONTENT}"}}` : '{{.Id}}';
  const args = ['image', 'inspect', '--format', format, image];
  const { code, tail } = await runTool(path, { args, cwd: '/', ...(signal ? { signal } : {}) });
  const lines = tail.split('\n');
  // Warnings may stand before it and after it.
  const answer = code === 0 ? lines.findLast((line) => ANSWER.test(line)) : undefined;
  if (answer !== undefined) {
    const [id, content = null] = answer.split(' ');
    return { id: id!, content };
  }
  const isAbsent = /no such image|image not known|no such object/i.test(tail);
  return {
    id: null,
    isAbsent,
    problem: isAbsent ? lacks.image(name, image) : lacks.imageUnseen(name, image, lines.at(-1)!),
  };
}
