import type { JsonObject } from '../base/json.ts';
import { splitPath, valueAt } from '../base/path.ts';
import { reasonOf } from '../base/reason.ts';
import { checkTexts } from '../worker/check-texts.ts';
import { openParts } from '../worker/part.ts';
import type { PartChecker } from '../worker/part.ts';
import type { ConfigProblem } from '../worker/problem.ts';
import type { InputProblem, PartSchema } from './answer.ts';

/** How a configuration breaks the schemas that a check gives for parts of it. A schema that can't be used is a problem of its own. */
export type Misfits = (schemas: readonly PartSchema[], configuration: JsonObject, worker: string) => InputProblem[];

/** Each distinct schema is compiled once. */
export function openMisfits(): Misfits {
  const checkerOf = openParts();
  return (schemas, configuration, worker) =>
    schemas.flatMap(({ path, schema }) => {
      const keys = splitPath(path);
      const part = keys === null ? undefined : valueAt(configuration, keys);
      if (keys === null || part === undefined) return [problem(path, checkTexts.noPart(worker, path))];
      let check: PartChecker;
      try {
        check = checkerOf(schema);
      } catch (error) {
        return [problem(path, checkTexts.schema(worker, path, reasonOf(error)))];
      }
      return check(part, keys, worker).map(asInput);
    });
}

/** As a check reports it. */
export const asInput = ({ path, value, message, hint }: ConfigProblem): InputProblem => ({
  ...problem(path.join('.'), hint === null ? message : `${message}. ${hint}`),
  value: value === undefined ? null : JSON.stringify(value),
});

const problem = (path: string, message: string): InputProblem => ({
  path,
  message,
  file: null,
  line: null,
  column: null,
  value: null,
});
