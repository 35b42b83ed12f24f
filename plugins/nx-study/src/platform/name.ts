/** The file of a profile, relative to the workspace root. */
export const platformFile = (name: string): string => `studies/platforms/${name}.yaml`;

/** Whether a study's `platform` is the name of a profile. */
export const isProfile = (platform: string): boolean => platform !== 'any' && platform !== 'host';
