import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

// Where nothing is known of earlier runs, Vitest begins with the largest files; what takes minutes must not come last.
const LONGEST = [
  'e2e/code',
  'e2e/pages',
  'e2e/graph',
  'e2e/generators',
  'e2e/docs',
  'e2e/resume',
  'e2e/llama-cpp',
  'e2e/endpoint',
  'e2e/interrupt',
  'e2e/faults/nx',
  'e2e/faults/supervisor',
  'e2e/truth',
  'e2e/transformers',
  'e2e/constraints',
  'e2e/accept',
  'e2e/failures',
  'e2e/assets',
  'unit/environment/prepare',
  'unit/kits/protocol',
];

// Their tests leave the process as it was: files share the modules that they load, which saves half of their time.
const SHARING = [
  'amendments',
  'analysis',
  'api',
  'base',
  'check',
  'commands',
  'comparisons',
  'figures',
  'graph',
  'kinds',
  'measure',
  'page',
  'plan',
  'platform',
  'record',
  'state',
  'study',
  'tables',
  'worker',
  'workers',
  'yaml',
];
// They replace a module that others have loaded by then.
const ALONE = [
  'test/unit/measure/limits/no-time.test.ts',
  'test/unit/measure/run/identity.test.ts',
  'test/unit/workers/endpoint/lag.test.ts',
];
const filesOf = (rooms: string[]) => rooms.map((room) => `test/unit/${room}/**/*.test.ts`);
const otherRooms = readdirSync(join(import.meta.dirname, 'test/unit')).filter((name) => !SHARING.includes(name));

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
    const first = files.filter((file) => rank(file) >= 0).sort((a, b) => rank(a) - rank(b));
    return [...first, ...(await super.sort(files.filter((file) => rank(file) < 0)))];
  }
}

export default defineConfig({
  ssr: { resolve: { conditions: ['@nx-study/source'], externalConditions: ['@nx-study/source'] } },
  test: {
    pool: 'forks',
    teardownTimeout: 60_000,
    // More than a small machine has cores: many tests wait most of the time.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [...filesOf(otherRooms), 'test/unit/*.test.ts', ...ALONE],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'unit-sharing',
          // `exclude` here would take the place of that of the command line.
          include: [...filesOf(SHARING), ...ALONE.map((file) => `!${file}`)],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/helpers/build.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          globalSetup: ['test/helpers/build.ts'],
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
