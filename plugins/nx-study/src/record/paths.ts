import { join } from 'node:path';
import { resultsFolder, resultsPath } from '../workspace/places.ts';

/** Digits of a digest in folder names. */
export const DIGEST_DIGITS = 12;

/** Where the results of a study lie, as it is shown to people: relative to the workspace, or absolute where nx.json says so. */
export const studyResults = (workspaceRoot: string, study: string) => `${resultsFolder(workspaceRoot)}/${study}`;

/** Where the results of a study lie, as an absolute path. */
export const studyDirectory = (workspaceRoot: string, study: string) => join(resultsPath(workspaceRoot), study);

interface MeasurementFolder {
  workspaceRoot: string;
  study: string;
  id: string;
}

/** Where the results of a measurement lie, one folder for each digest. */
export const measurementDirectory = ({ workspaceRoot, study, id }: MeasurementFolder) =>
  join(studyDirectory(workspaceRoot, study), id);

/** Where a finished measurement lies, never overwritten. */
export const finishedDirectory = (folder: MeasurementFolder, digest: string) =>
  join(measurementDirectory(folder), digest.slice(0, DIGEST_DIGITS));

/** Where failed attempts of a measurement lie, one folder each. */
export const failedDirectory = ({ workspaceRoot, study, id }: MeasurementFolder) =>
  join(studyDirectory(workspaceRoot, study), 'failed', id);

/** Whether it is the folder of a measurement that was not brought to an end yet. */
export const isPartial = (directory: string): boolean => directory.endsWith('.partial');

/** Whether it is a folder for work that is renamed into place or thrown away. */
export const isScratch = (directory: string): boolean => /\.(copy|derive)$/.test(directory);
