import { getPackageManagerCommand } from '@nx/devkit';
import { didYouMean, list } from '../base/words.ts';
import { nxRun } from '../workspace/project.ts';

/** A command of Nx as the workspace's package manager starts it. */
const command = (text: string): string => `  ${getPackageManagerCommand().exec} ${text}`;
const run = (study: string, name: 'plan' | 'measure' | 'report', workspaceRoot: string): string =>
  command(nxRun(study, name, workspaceRoot));

export const initTexts = {
  next: (workspaceRoot: string) =>
    [
      '',
      'nx-study is set up. A first study, with a worker that times shell commands:',
      command('nx g nx-study:study my-first --worker shell'),
      run('my-first', 'measure', workspaceRoot),
      run('my-first', 'report', workspaceRoot),
      '',
    ].join('\n'),
};

export const studyTexts = {
  name: (name: string) =>
    `"${name}" can't be a study's name: it has a–z, 0–9 and - only, 60 at most, and begins with a letter or a digit`,
  reserved: (name: string) => `"${name}" can't be a study's name: it is the name of the folder of platforms`,
  exists: (file: string) => `${file} exists already. Choose another name, or edit it`,
  taken: (name: string, root: string) =>
    `the project in ${root} has the name "${name}", and Nx allows each name once. Choose another name for the study`,
  noWorker: (name: string, known: string[], made: readonly string[]) =>
    [
      `there is no worker "${name}" in this workspace${known.length > 0 ? `, which has ${list(known, 'and')}` : ''}.`,
      didYouMean(name, [...known, ...made]) ?? '',
      `${list([...made], 'and')} are made on the way. A worker of your own: nx g nx-study:worker <name> --template=python`,
    ]
      .filter(Boolean)
      .join(' '),
  brokenWorker: (name: string, reason: string) => `the worker "${name}" can't be used: ${reason}`,
  noAxis: (name: string, worker: string, known: string[]) =>
    `the worker "${worker}" has no setting "${name}". ${didYouMean(name, known) ?? ''}`.trim(),
  badAxis: (text: string) => `--axes "${text}" can't be read. Write the setting and its values, such as level=1,6,9`,
  madeWorker: (name: string, folder: string, isShipped: boolean) =>
    `There was no worker "${name}", so ${folder} was made: ${isShipped ? 'a copy of the one of nx-study' : 'a start for your own one'}.`,
  fillIn: (file: string, settings: string[]) => `Fill in ${list(settings, 'and')} in ${file} first.`,
  next: (name: string, workspaceRoot: string) => [
    'Next:',
    ...(['plan', 'measure', 'report'] as const).map((one) => run(name, one, workspaceRoot)),
  ],
};

export const workerTexts = {
  name: (name: string) =>
    `"${name}" can't be a worker's name: it has a–z, 0–9, - and _ only, begins with a letter, and is not "kits"`,
  exists: (folder: string) => `${folder} exists already. Choose another name, or take this folder away`,
  either: (shipped: readonly string[], templates: readonly string[]) =>
    `say what to make the worker from: --from=${shipped.join('|')}, or --template=${templates.join('|')}`,
  both: 'a worker is made either --from a shipped one or from a --template: take one of the two out',
  unknown: (option: string, value: string, known: readonly string[]) =>
    `--${option}=${value}: there is no such one. ${didYouMean(value, known) ?? ''}`.trim(),
  kitsDiffer: (files: string[]) =>
    'the workspace has other versions of kit files that it needs, and other workers use them: ' +
    `${files.slice(0, 3).join(', ')}${files.length > 3 ? ` and ${files.length - 3} more` : ''}. Nothing was written. ` +
    'Replace them with --replaceKits; then what these workers measured counts as stale',
  made: (folder: string, readme: boolean) =>
    `Made ${folder}.${readme ? ` Its settings: ${folder}/README.md` : ''}\nA study of it:`,
  next: (name: string) => command(`nx g nx-study:study <name> --worker ${name}`),
  noWorker: (folder: string) => `${folder}/worker.json does not exist`,
  ownWorker: (file: string) =>
    `${file} has no key \`from\`: it was not copied from nx-study, so there is nothing to compare`,
  goneWorker: (file: string, from: string) => `${file} says \`from: ${from}\`, but this nx-study has no such worker`,
  otherPackage: (file: string, from: string) => `${file} says \`from: ${from}\`, which is no worker of nx-study`,
  same: (name: string, from: string) => `${name} and the kit files that it uses are as in ${from}.`,
  onlyVersion: (name: string, from: string) => `${name} is as in ${from}, but for the version in its worker.json.`,
  large: (file: string, before: number, after: number) =>
    `${file} differs: ${before.toLocaleString('en')} lines here, ${after.toLocaleString('en')} there`,
  fresh: (file: string) => `${file} is new`,
  differs: (count: number, from: string) =>
    `${count} ${count === 1 ? 'file differs' : 'files differ'} from ${from}; - is yours, + is there. ` +
    'Nothing was written: --write takes over all of them. Files that are only yours stay.',
  written: (count: number, from: string) =>
    `${count} ${count === 1 ? 'file was' : 'files were'} replaced by ${from}. Results of the earlier code count as stale: ` +
    'measure again, or `accept` the change where it leaves them valid.',
};

export const platformTexts = {
  name: (name: string) =>
    `"${name}" can't be a platform's name: it has a–z, 0–9 and - only, and is not "any" or "host"`,
  exists: (file: string) => `${file} exists already. Choose another name, or edit it`,
  next: (name: string, file: string) =>
    `${file} demands a machine like this one. Take out what does not matter, and name it in a study: platform: ${name}`,
};
