export const unsupportedSystem =
  'nx-study runs on Linux and macOS. On Windows, run it inside WSL 2 (https://learn.microsoft.com/windows/wsl).';

export const linkMessage = (path: string) =>
  `${path} is a link to a folder, or to nothing: what lies behind it would not be part of any identity. Link single files, or name the folder itself in worker.json`;

/** Of a study that is not where one is read. */
export const misplaced = {
  twice: (file: string, other: string) =>
    `${file} and ${other} are two studies of one name, and their results would lie in one folder. Rename the folder of one`,
  name: (file: string, right: string) => `${file} is not read: a study's file is ${right}. Rename it`,
  link: (link: string) =>
    `${link} is a link to a folder. Nx looks behind no such link, so it would neither see edits there nor select what they change. Move the folder itself to ${link}`,
};

export const nameTaken = ({ study, folder }: { study: string; folder: string }, file: string, name: string) =>
  `the study ${folder} has the name of another project: ${file} names one \`${study}\` as well, and Nx allows each name once. ` +
  `Rename the folder of the study, or the other project. Until then the study is the project \`${name}\`, which only says this`;

export const linkedResults = (study: string, link: string) =>
  `${link} is a link. Nx would put a folder in its place when it restores a result of ${study}, and all that lies behind the link would be out of sight; so nothing is measured, restored or shown. ` +
  `Remove the link and move what it leads to back to ${link}. To keep results on another disk, give the plugin in nx.json the option "results": "<absolute path>"`;

/** Of defaults in nx.json, by place, such as `nx.json#targetDefaults.measure`, with the keys that do harm. */
export const replacedByDefaults = (study: string, places: ReadonlyMap<string, string[]>) =>
  [
    `targetDefaults in nx.json replace what the targets of the study ${study} need:`,
    ...[...places].map(([place, keys]) => `  ${place.replace('#', ': ')}: ${keys.map((key) => `"${key}"`).join(', ')}`),
    'Begin a list with "..." to add to it instead of replacing it, for example "dependsOn": ["...", "^build"].',
    ...([...places.values()].flat().includes('inputs')
      ? [
          'Studies and measurements have no files of their own: of inputs, leave out "default", {projectRoot} and those that begin with "^".',
        ]
      : []),
    `Or give the key a list whose entries leave the study out: [{ "filter": { "projects": ["!${study}", "!${study}.*"] }, … }].`,
  ].join('\n');
