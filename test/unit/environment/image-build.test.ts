import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { findingsOf } from '../../../plugins/nx-study/src/environment/container.ts';
import { environmentNow, prepareEnvironment } from '../../../plugins/nx-study/src/environment/prepare.ts';
import { temporaryFolder } from '../machine/helpers.ts';
import { worker, writeProgram } from './helpers.ts';

beforeEach(() => {
  vi.stubEnv('NX_STUDY_CACHE_DIR', temporaryFolder());
  vi.stubEnv('NX_STUDY_CONTAINER_ENGINE', '');
});
afterEach(() => void vi.unstubAllEnvs());

/** An engine that keeps one image, and lists what each build saw. */
function engine(build = ''): string {
  const folder = temporaryFolder();
  writeProgram(
    join(folder, 'docker'),
    `state='${folder}'
case "$1" in
  --version) echo "Docker version 28.5.1" ;;
  image) [ -f "$state/image" ] || { echo "Error: No such image: $5" >&2; exit 1; }; cat "$state/image" ;;
  build) for last; do :; done; cd "$last"; echo build >> "$state/builds"; find . -type f | sort > "$state/seen"
    ${build}
    for arg; do case "$arg" in --label=nx-study.content=*) echo "sha256:$(wc -l < "$state/builds") \${arg##*=}" > "$state/image" ;; esac; done ;;
esac`,
  );
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
  return folder;
}

function workspace(files: Record<string, string>): string {
  const root = temporaryFolder();
  mkdirSync(join(root, 'workers/tiny/src'), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, 'workers/tiny', file), text);
  return root;
}

const boxed = { type: 'container', build: { file: 'Containerfile', context: ['src/**', '!src/*.md'] } };
const FILES = { Containerfile: 'FROM debian:12\n', 'src/a.txt': 'a', 'src/b.md': 'b', 'worker.json': '{}' };
const lines = (file: string) => readFileSync(file, 'utf8').trim().split('\n');

test('an image is built once for each content, from the named files alone', async () => {
  const state = engine();
  const workspaceRoot = workspace(FILES);
  const said: string[] = [];
  const options = { workspaceRoot, worker: worker(boxed), onProgress: (line: string) => void said.push(line) };
  expect(await environmentNow(options)).toBeNull();
  expect(existsSync(join(state, 'builds'))).toBe(false);

  const [one, other] = await Promise.all([prepareEnvironment(options), prepareEnvironment(options)]);
  expect(one.versions).toEqual({ image: 'sha256:1', docker: '28.5.1' });
  expect(other.versions).toEqual(one.versions);
  expect(lines(join(state, 'builds'))).toHaveLength(1);
  expect(lines(join(state, 'seen'))).toEqual(['./Containerfile', './src/a.txt']);
  expect(said.filter((line) => line.includes('building an image from Containerfile'))).toHaveLength(1);
  expect(findingsOf(one)).toMatchObject([
    { code: 'image-by-tag', message: expect.stringMatching(/from `debian:12` without a digest.*this was sha256:1/) },
  ]);

  writeFileSync(join(workspaceRoot, 'workers/tiny/src/b.md'), 'other');
  expect((await environmentNow(options))?.container?.image).toBe('sha256:1');
  // Whoever gave our name to another image did not give it our label.
  writeFileSync(join(state, 'image'), 'sha256:9 <no value>\n');
  expect((await prepareEnvironment(options)).versions['image']).toBe('sha256:2');
  writeFileSync(join(workspaceRoot, 'workers/tiny/src/a.txt'), 'other');
  expect((await prepareEnvironment(options)).versions['image']).toBe('sha256:3');
});

test('all that a build sees has the same mode, whatever the umask', async () => {
  const state = engine('find src Containerfile -exec stat -c "%a %n" {} + | sort > "$state/modes"');
  const before = process.umask(0o077);
  onTestFinished(() => void process.umask(before));
  await prepareEnvironment({ workspaceRoot: workspace(FILES), worker: worker(boxed) });
  expect(lines(join(state, 'modes'))).toEqual(['755 Containerfile', '755 src', '755 src/a.txt']);
});

test('a failed build shows the last lines of the engine, and the next step', async () => {
  engine(
    'echo "STEP 1/2: COPY missing.txt /"; echo "copier: stat: missing.txt: no such file or directory" >&2; exit 125',
  );
  const building = prepareEnvironment({ workspaceRoot: workspace(FILES), worker: worker(boxed) });
  await expect(building).rejects.toMatchObject({
    type: 'environment',
    message: expect.stringMatching(
      /image of tiny could not be built: docker build failed with exit code 125[^]*`build.context`[^]*STEP 1\/2: COPY/,
    ),
  });
});

test('a file that is not there is named', async () => {
  engine();
  const { Containerfile: _, ...others } = FILES;
  await expect(prepareEnvironment({ workspaceRoot: workspace(others), worker: worker(boxed) })).rejects.toThrow(
    /tiny builds its image from Containerfile, and what it is built from cannot be read: ENOENT/,
  );
});
