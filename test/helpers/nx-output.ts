/** The tasks that Nx lists as failed at the end of a run, sorted. */
export const failedTasks = (text: string): string[] =>
  (/^Failed tasks:\n\n((?:- .*\n)+)/m.exec(text)?.[1] ?? '')
    .split('\n')
    .flatMap((line) => line.slice(2) || [])
    .toSorted();

/** How many tasks Nx took from its cache. */
export const hits = (text: string): number => Number(/Cache:\s+(\d+)\/\d+ hit/.exec(text)?.[1] ?? 0);
