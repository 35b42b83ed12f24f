import type { Finding } from './schema.ts';

/** Problems of a JSON file, as text after its name. */
export const documentTexts = {
  notUtf8: 'is no UTF-8 text',
  noJson: (why: string, bytes: number) => (bytes === 0 ? 'is empty' : `is no JSON (${why})`),
  otherShape: (why: string) => `has another content than it should (${why})`,
};

/** Problems of a finished measurement, as text after the name of the file. */
export const damageTexts = {
  missing: 'is missing',
  notFolder: (what: string) => `${what}, where the folder of a measurement is expected`,
  altered: 'was altered after it was written: it does not have the checksum that it names',
  otherId: (found: string, expected: string) =>
    `is that of measurement ${found}, but lies in the folder of ${expected}`,
  otherDigest: (found: string, expected: string) =>
    `is that of digest ${found}, but lies in the folder of digest ${expected}`,
  otherIdentity: 'names a digest that is not the one of its identity: it was altered',
  notMeasured: (outcome: string) => `says "${outcome}", but lies where only measured ones do`,
  otherLength: (found: number, expected: number) =>
    `is not the one that record.json names: it has ${found} bytes instead of ${expected}`,
  otherContent: (found: string, expected: string) =>
    `is not the one that record.json names: its SHA-256 begins with ${found.slice(0, 12)} instead of ${expected.slice(0, 12)}`,
  otherKind: (found: string, expected: string) => `is of kind "${found}", but record.json names kind "${expected}"`,
  otherSource: 'was derived from other files than those that record.json names',
};

/** The code of the finding for a damaged measurement. */
export const DAMAGED = 'damaged';

export const damagedFinding = (message: string): Finding => ({ code: DAMAGED, message });

export const journalUnwritable = (study: string, why: string) =>
  `${study}: its journal can't be kept, so status shows less than it could. Measurements and records are not affected: ${why}`;

/** What is wrong with a list that a result keeps in a file of JSON lines; stands after "result.json". */
export const linesTexts = {
  unreadable: (path: string, why: string) => `keeps a list in ${path}, which ${why}`,
  noJson: (path: string, line: number, why: string) =>
    `keeps a list in ${path}, whose line ${line} is no JSON (${why})`,
  more: (path: string, count: number) => `keeps a list of ${count} lines in ${path}, which has more`,
  fewer: (path: string, found: number, count: number) =>
    `keeps a list of ${count} lines in ${path}, which has only ${found}`,
};

/** Why the samples of the sensors are not there; goes on after the name of their file. */
export const telemetryTexts = {
  noFile: 'is none of this record',
  altered: 'is not the one of its record',
};
