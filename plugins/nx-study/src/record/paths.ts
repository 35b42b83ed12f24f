import { join } from 'node:path';

/** Digits of a digest in folder names. */
export const DIGEST_DIGITS = 12;

/** The root of the Nx project of a study; relative to the workspace. */
export const studyRoot = (study: string) => `results/${study}`;
/** The root of the Nx project of a measurement; relative to the workspace. */
export const measurementRoot = (study: string, id: string) => `results/${study}/${id}`;

interface MeasurementFolder {
  workspaceRoot: string;
  study: string;
  id: string;
}

/** Where a finished measurement lies, never overwritten. */
export const finishedDirectory = ({ workspaceRoot, study, id }: MeasurementFolder, digest: string) =>
  join(workspaceRoot, measurementRoot(study, id), digest.slice(0, DIGEST_DIGITS));

/** Where failed attempts of a measurement lie, one folder each. */
export const failedDirectory = ({ workspaceRoot, study, id }: MeasurementFolder) =>
  join(workspaceRoot, studyRoot(study), 'failed', id);

/** Whether it is the folder of a measurement that was not brought to an end yet. */
export const isPartial = (directory: string): boolean => directory.endsWith('.partial');

/** Whether it is a folder for work that is renamed into place or thrown away. */
export const isScratch = (directory: string): boolean => /\.(copy|derive)$/.test(directory);
