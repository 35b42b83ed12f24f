/** Texts of a worker's check of its input. */
export const checkTexts = {
  wrong: (problems: string[]) => `its input can't be used, so it was not started: ${problems.join('; ')}`,
  unchecked: (worker: string, reason: string) =>
    `the input of ${worker} was not checked: ${reason}. The worker reads it when it measures`,
  noPython: (reason: string) => `there is no Python for it (${reason})`,
  noProgram: 'no python3 is on the PATH',
  notStarted: (program: string, reason: string) => `${program} could not be started (${reason})`,
  timeout: (seconds: number) => `its check did not end within ${seconds} s`,
  tooLong: (bytes: number) => `its check answered with more than ${bytes} bytes`,
  failed: (ending: string, said: string) => `its check ended with ${ending}${said && `, and said: ${said}`}`,
  schema: (worker: string, path: string, reason: string) =>
    `the check of ${worker} gives a schema of \`${path}\` that can't be used: ${reason}. Correct it where it is written`,
  noPart: (worker: string, path: string) =>
    `the check of ${worker} gives a schema of \`${path}\`, which the configuration does not have`,
  noAnswer: (reason: string) => `its check gave no readable answer (${reason})`,
  manifest: (file: string, setting: string, schema: string) =>
    `${file} has its check read \`${setting}\`, which is no setting in ${schema}`,
  placeholder: 'a check runs without the environment, and knows only {python}, {node}, {tsx}, {worker} and {kits}',
};
