/** Reading a FIFO would block Nx's cache and every later reader, and a link may lead out of the run directory. */
export const irregularTexts = {
  entry: (path: string, why: string) =>
    `${path} in the run directory ${why}: what is kept must be regular files, in the run directory or in its folder files/`,
};

export const endedElsewhere = (why: string): string => `another process has recorded how it ended: ${why}`;
