import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import nxSchema from 'nx/schemas/nx-schema.json' with { type: 'json' };
import projectSchema from 'nx/schemas/project-schema.json' with { type: 'json' };
import { z } from 'zod';
import { optionsProblem } from '../../../plugins/nx-study/src/workspace/options.ts';
import { sharedFolder } from '../machine/helpers.ts';
import { problemsOfLine } from './commands.ts';

const texts = z.record(z.string(), z.string());
const settings = z.record(z.string(), z.union([z.string(), z.number()]));
const shared = { name: z.string().optional(), if: z.string().optional(), env: texts.optional() };
const step = z.union([
  z.strictObject({ ...shared, run: z.string() }),
  z.strictObject({ ...shared, uses: z.string().regex(/^[\w-]+\/[\w/-]+@v\d+$/), with: settings.optional() }),
]);
const gitHub = z.strictObject({
  name: z.string(),
  on: z.union([z.literal('workflow_dispatch'), z.record(z.enum(['pull_request', 'push']), z.unknown())]),
  jobs: z.record(
    z.string(),
    z.strictObject({
      'runs-on': z.union([z.string(), z.array(z.string())]),
      'timeout-minutes': z.int().optional(),
      strategy: z
        .strictObject({ 'fail-fast': z.boolean(), matrix: z.record(z.string(), z.array(z.string())) })
        .optional(),
      needs: z.string().optional(),
      if: z.string().optional(),
      steps: z.array(step).min(1),
    }),
  ),
});
const paths = z.array(z.string());
const gitLab = z.record(
  z.string(),
  z.strictObject({
    image: z.string(),
    tags: paths,
    rules: z.array(z.strictObject({ if: z.string() })),
    variables: texts,
    cache: z.strictObject({ key: z.string(), when: z.enum(['always']), paths }),
    script: paths.min(1),
    after_script: paths,
    artifacts: z.strictObject({ when: z.enum(['always']), paths }),
  }),
);

/** Whether a document is one for a CI service: a workflow of GitHub, or jobs of GitLab. */
export const isForCi = (written: object): boolean =>
  'jobs' in written || Object.values(written).some((job) => typeof job === 'object' && job !== null && 'script' in job);

/** What is wrong with such a document: its keys, or commands in it that don't exist. */
export function problemsOfCi(written: object, studies: ReadonlySet<string>): string[] {
  const parsed = 'jobs' in written ? gitHub.safeParse(written) : gitLab.safeParse(written);
  if (!parsed.success) return [z.prettifyError(parsed.error)];
  // What follows | or > belongs to the shell of the machine.
  return linesIn(parsed.data).flatMap((line) => problemsOfLine(line.split(/ [|>] /)[0]!, studies));
}

function linesIn(parsed: z.infer<typeof gitHub> | z.infer<typeof gitLab>): string[] {
  const { data } = gitHub.safeParse(parsed);
  if (data !== undefined)
    return Object.values(data.jobs).flatMap(({ steps }) => steps.flatMap((one) => ('run' in one ? one.run : [])));
  return Object.values(gitLab.parse(parsed)).flatMap(({ script, after_script: after }) => [...script, ...after]);
}

const ajv = new Ajv({ strict: false, validateFormats: false });
const checks = { nx: ajv.compile(nxSchema), project: ajv.compile(projectSchema) };

/** What Nx's own schema, and the plugin, find wrong in a part of nx.json or of a project.json. */
export function problemsOfNx(written: object): string[] {
  const check = 'tags' in written ? checks.project : checks.nx;
  if (!check(written)) return [ajv.errorsText(check.errors)];
  const folder = sharedFolder();
  writeFileSync(join(folder, 'nx.json'), JSON.stringify(written));
  return [optionsProblem(folder) ?? []].flat();
}
