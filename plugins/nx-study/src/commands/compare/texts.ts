/** Texts of the comparison with another working tree. */
export const compareTexts = {
  here: 'here',
  base: 'in the base',
  noBase: (command: string) =>
    `Say which working tree this one is compared with: ${command} --base=../base. git worktree add ../base <commit> makes one; measure there first`,
  noFolder: (folder: string) =>
    `${folder} is no workspace: it has no nx.json. Name the folder of a working tree, such as one that git worktree add made`,
  itself: (folder: string) => `${folder} is this workspace itself. Name another working tree of it`,
  sharedResults: (folder: string, results: string) =>
    `${folder} keeps its results where this workspace does, in ${results}: which of the two measured them can't be told. Give one of them a folder of its own, by the option "results" in nx.json`,
  noStudy: (folder: string, study: string) => `${folder} has no study ${study}, so there is nothing to compare it with`,
  title: (study: string, here: string, folder: string, base: string) =>
    `${study}: this workspace${here} against ${folder}${base}`,
  commit: (commit: string, isDirty: boolean) => ` (${commit.slice(0, 8)}${isDirty ? ' with uncommitted changes' : ''})`,
  differs: (differences: readonly string[]) =>
    differences.length === 0
      ? 'Nothing that counts differs: both measured the same.'
      : `What differs: ${differences.join('; ')}.`,
  nothing: 'No experiment was measured in both.',
  worse: (names: readonly string[]) => `Worse: ${names.join(', ')}.`,
  noneWorse: (compared: number) =>
    `Nothing is shown to be worse, by ${compared} ${compared === 1 ? 'comparison' : 'comparisons'}.`,
  unjudged: (count: number, of: number) => `${count} of ${of} comparisons have no verdict.`,
  heads: {
    experiment: 'experiment',
    metric: 'metric',
    base: 'base',
    here: 'here',
    against: 'here : base',
    verdict: 'verdict',
  },
  notToldApart: "can't be told apart",
  unjudgedFor: (names: readonly string[], reason: string) => `No verdict for ${names.join(', ')}: ${reason}.`,
  ofBase: (folder: string, reason: string) => `the study in ${folder} can't be read: ${reason}`,
  legend: '± and brackets: 95 % intervals. A star, and every verdict: holds among all comparisons of the table (Holm).',
  only: (place: string, names: readonly string[]) => `Only ${place}: ${names.join(', ')}.`,
  noVerdict: (reason: string) => `There is no verdict: ${reason}.`,
  severalMachines: (hosts: readonly string[]) => `the two were measured on different machines (${hosts.join(', ')})`,
  notInTurns:
    'the two were not measured in turns, one repetition here and there before the next, so that a drift of the machine would count as a difference',
  unmeasured: (place: string, count: number, of: number) => `${count} of ${of} measurements have no result ${place}.`,
  disturbed: (place: string, count: number, of: number) =>
    `Other work, throttling or a suspension disturbed ${count} of ${of} measurements ${place}.`,
  failedGates: (place: string, count: number) => `${count} measurements failed their gates ${place}.`,
};
