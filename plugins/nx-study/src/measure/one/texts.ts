/** Nx's cache, and whoever reads a measurement later, would wait for a FIFO, and follow a link to who knows where. */
export const irregularTexts = {
  entry: (path: string, why: string) =>
    `${path} in the run directory ${why}: what is kept must be regular files, in the run directory or in its folder files/`,
};
