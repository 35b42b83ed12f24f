import { groupBy } from '../../base/group-by.ts';
import { plural } from '../../base/layout.ts';
import { nxRun, targetOf } from '../../workspace/project.ts';
import type { Exported, Exporting } from './exported.ts';

export const exportTexts = {
  noFolder: (study: string): string => `Say where to write the copy: ${nxRun(study, 'export')} --to ../for-gpu-box`,
  exists: (folder: string): string => `${folder} exists already. Name a new folder: nothing is written over.`,
  inside: (folder: string): string =>
    `${folder} lies in this workspace, where Nx would find each project twice. Name a folder outside of it.`,
  resultsOutside: (results: string): string =>
    `The results of this workspace lie in ${results}, outside of it; a copy would write there, too. Set \`results\` in nx.json to a folder of the workspace.`,
  noGit:
    'Git knows nothing of this workspace, so nobody can tell which of its files are secrets, or made anew elsewhere. Run `git init`, and name in .gitignore what is to stay here.',
  noLane: (study: string, lane: number, lanes: number): string =>
    lanes === 1
      ? `${study} is not divided into lanes. Write \`execution: {lanes: 2}\` into its study.yaml, or leave out --lane.`
      : `${study} has the lanes 1 to ${lanes}, and no lane ${lane}.`,
  hostOnly: (study: string): string =>
    `The results of ${study} count only on the machine that measured them (\`platform: host\`), so those of another machine can't be taken in. Name a profile in studies/platforms that all machines fit, or compare machines by \`report --from\`.`,
};

/** The output of `export`. */
export function exportedText({ study, lane }: Exporting, exported: Exported): string {
  const { folder, files, measurements, done, expected, left, outside } = exported;
  const chosen =
    lane === null ? nxRun(study, 'measure') : `nx run-many -t ${targetOf('measure')} -p tag:${study}:lane-${lane}`;
  return [
    `${folder}: ${files.toLocaleString('en-US')} files, ${measurements.length} measurements${lane === null ? '' : ` of lane ${lane}`}` +
      (done.length > 0 ? `, of which ${done.length} have a result already` : '') +
      (expected.length > 0 ? `, and ${expected.length} failed as expected` : ''),
    ...[...groupBy(left, ({ state }) => state)].map(
      ([state, own]) =>
        `not in it: ${plural(own.length, 'measurement')} that ${own.length === 1 ? 'is' : 'are'} ${state} here; the copy measures ${own.length === 1 ? 'it' : 'them'}`,
    ),
    ...outside.map((path) => `not in it: ${path} lies outside of the workspace, and must be there at the same path`),
    'On the other machine, in the copy:',
    `  npm ci && npx ${chosen}`,
    'And here, when the folder is back:',
    `  npx ${nxRun(study, 'import')} --from <the folder>`,
  ].join('\n');
}
