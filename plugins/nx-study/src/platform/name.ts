import { sharedByStudies } from '../workspace/places.ts';

/** The folder of profiles, relative to the workspace root. */
export const platformsFolder = (workspaceRoot: string): string => sharedByStudies('platforms', workspaceRoot);

/** The file of a profile, relative to the workspace root. */
export const platformFile = (workspaceRoot: string, name: string): string =>
  `${platformsFolder(workspaceRoot)}/${name}.yaml`;

/** Whether a study's `platform` is the name of a profile. */
export const isProfile = (platform: string): boolean => platform !== 'any' && platform !== 'host';
