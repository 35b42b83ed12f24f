import { z } from 'zod';

const MOST_PROBLEMS = 100;

const problemSchema = z.object({
  /** Of the setting, dotted. */
  path: z.string(),
  /** A sentence with the place and the value. */
  message: z.string().min(1),
  file: z.string().nullable().default(null),
  line: z.int().nullable().default(null),
  column: z.string().nullable().default(null),
  value: z.string().nullable().default(null),
});
export type InputProblem = z.infer<typeof problemSchema>;

/** What a check writes to stdout. */
export const answerSchema = z.object({
  problems: z.array(problemSchema).transform((problems) => problems.slice(0, MOST_PROBLEMS)),
});

/** Whether what a measurement reads can be used. */
export type Checked =
  | { state: 'fine' }
  | { state: 'wrong'; problems: InputProblem[] }
  | { state: 'unchecked'; reason: string };

/** Problems with paths as people know them: relative to the workspace. */
export function inWorkspace(workspaceRoot: string, problems: InputProblem[]): InputProblem[] {
  const shorten = (text: string) => text.replaceAll(`${workspaceRoot}/`, '');
  return problems.map(({ file, message, ...rest }) => ({
    ...rest,
    message: shorten(message),
    file: file === null ? null : shorten(file),
  }));
}
