import { readFileSync } from 'node:fs';
import { problemsOf } from '../problem.ts';
import { refuseTwoFiles } from './asked.ts';
import type { Form } from './forms.ts';
import { readPrompts } from './prompts.ts';
import { readDataset } from './read.ts';

interface Asked {
  dataset?: { file: string; form: Form } | null;
  prompts?: string | null;
}

// `node check.ts < QUESTION`, as workers/README.md says of `check`: for workers whose prompts are `dataset` and `prompts`.
const { configuration } = JSON.parse(readFileSync(0, 'utf8')) as { configuration: Asked };
const { dataset, prompts } = configuration;
const problems = problemsOf([
  () => refuseTwoFiles(configuration),
  () => dataset && readDataset(dataset.file, dataset.form),
  () => prompts && readPrompts(prompts),
]);
process.stdout.write(JSON.stringify({ problems }));
