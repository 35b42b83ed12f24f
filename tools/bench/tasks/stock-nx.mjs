import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitAll, nxRun, nxWorkspace } from '../workspace.mjs';

// What one would write by hand: a chain of targets in one project. Nx's stack overflows at about 1,400 links.
export const stockNx = {
  key: 'stock-nx',
  title: 'stock Nx: a chain of `nx:run-commands`',
  prepare(root, count) {
    nxWorkspace(root, {});
    const targets = {};
    for (let index = 0; index < count; index += 1)
      targets[`m${index}`] = {
        executor: 'nx:run-commands',
        cache: true,
        inputs: [{ externalDependencies: [] }],
        outputs: [`{workspaceRoot}/results/${index}.json`],
        options: { command: `mkdir -p results && printf '{"answer":42}' > results/${index}.json` },
        ...(index > 0 && { dependsOn: [`m${index - 1}`] }),
      };
    const all = Object.keys(targets);
    targets.measure = { executor: 'nx:noop', dependsOn: all };
    writeFileSync(join(root, 'project.json'), JSON.stringify({ name: 'bench', targets }));
    commitAll(root);
    return {
      command: nxRun(root),
      clean() {
        rmSync(join(root, '.nx'), { recursive: true, force: true });
        rmSync(join(root, 'results'), { recursive: true, force: true });
      },
    };
  },
};
