import { sharedByStudies } from '../workspace/places.ts';

/** The file with the entries of all assets, relative to the workspace. */
export const assetsFile = (workspaceRoot?: string): string => sharedByStudies('assets.yaml', workspaceRoot);
