import { z } from 'zod';
import { PROTOCOL } from '../worker/manifest.ts';
import { sizeSchema } from '../worker/size.ts';
import type { Size } from '../worker/size.ts';

const MOST_PROBLEMS = 100;

const problemSchema = z.object({
  path: z.string().describe('The dotted path of the setting that is wrong.'),
  message: z.string().min(1).describe('A sentence for people, with the place and the value.'),
  file: z.string().nullable().default(null).describe('The file that is wrong.'),
  line: z.int().nullable().default(null).describe('The line in the file, from 1.'),
  column: z.string().nullable().default(null).describe('The name of the column in the file.'),
  value: z.string().nullable().default(null).describe('The wrong value, as it is written.'),
});
export type InputProblem = z.infer<typeof problemSchema>;

/** The JSON that a check or a `doctor` command reads from stdin. */
export const questionSchema = z.strictObject({
  protocol: z.literal(PROTOCOL).describe('The version of this protocol.'),
  configuration: z
    .record(z.string(), z.json())
    .describe('The settings that the check names in `worker.json`; data files are absolute paths.'),
  modules: z
    .record(z.string(), z.array(z.string()))
    .optional()
    .describe('For `doctor`: the dotted path of a Python file → it and the modules that it imports, as in a request.'),
});
export type Question = z.infer<typeof questionSchema>;

const partSchema = z.object({
  path: z.string().min(1).describe('The dotted path of the part, such as `config`.'),
  schema: z
    .record(z.string(), z.json())
    .describe('A JSON Schema (draft 2020-12) of the part. Its defaults are not filled in.'),
});
export type PartSchema = z.infer<typeof partSchema>;

/** The JSON that a check writes to stdout. */
export const answerSchema = z.object({
  problems: z
    .array(problemSchema)
    .transform((problems) => problems.slice(0, MOST_PROBLEMS))
    .describe(`All that is wrong; empty when the measurement can start. More than ${MOST_PROBLEMS} are not read.`),
  schemas: z
    .array(partSchema)
    .default([])
    .describe(
      'What parts of the configuration must look like, as far as only the input says so; nx-study checks them.',
    ),
  size: sizeSchema
    .nullable()
    .default(null)
    .describe('How large the model is, for estimates of memory, disk and time; null where that is not known.'),
});

/** What a check says, or why it says nothing. */
export type Reply = ({ state: 'answered' } & z.infer<typeof answerSchema>) | { state: 'unchecked'; reason: string };

/** Whether a measurement can be tried; `platform`: another machine may. `summary`: all problems, for its record. */
export type Checked =
  | { state: 'fine'; size: Size | null }
  | { state: 'wrong'; type: 'unsupported' | 'platform'; summary: string; problems: InputProblem[] }
  | Extract<Reply, { state: 'unchecked' }>;

/** Problems with paths as people know them: relative to the workspace. */
export function inWorkspace(workspaceRoot: string, problems: InputProblem[]): InputProblem[] {
  const shorten = (text: string) => text.replaceAll(`${workspaceRoot}/`, '');
  return problems.map(({ file, message, ...rest }) => ({
    ...rest,
    message: shorten(message),
    file: file === null ? null : shorten(file),
  }));
}
