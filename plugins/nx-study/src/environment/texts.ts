import { list, show } from '../base/words.ts';
import type { Text } from '../base/words.ts';
import type { Finding } from '../record/schema.ts';

/** A worker's environment can't be made; `cause`, where there is one, holds the system's own error. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
  /** `unsupported`: this machine lacks something, so that trying again can't help. */
  readonly type: 'environment' | 'unsupported';

  constructor(
    message: string,
    { type = 'environment', ...options }: ErrorOptions & Partial<Pick<EnvironmentError, 'type'>> = {},
  ) {
    super(message, options);
    this.type = type;
  }
}

export const lockUnreadable = (worker: string, path: string, cause: unknown) =>
  new EnvironmentError(
    `The worker ${worker} names ${path} as the lock of its environment, and it cannot be read: ${messageOf(cause)}. ` +
      `Make it with \`uv pip compile --generate-hashes --no-emit-index-url --no-header requirements.in -o ${path}\`.`,
    { cause },
  );

/** Of a lock that a study names. */
export const ownLockTexts = {
  noHash: (file: string, line: number, requirement: string): Text => ({
    message: `${file}, line ${line}: ${show(requirement)} has no hash, so another package could take its place unnoticed`,
    hint: LOCK_COMMAND,
  }),
  otherFile: (file: string, line: number, option: string): Text => ({
    message: `${file}, line ${line}: ${show(option)} names what has no hash here`,
    hint: LOCK_COMMAND,
  }),
};

const LOCK_COMMAND =
  'Make the lock with `uv pip compile --universal --generate-hashes --no-header requirements.in -o requirements.lock`.';

export const badConstraint = (constraint: string) =>
  new EnvironmentError(
    `${JSON.stringify(constraint)} is no range of Python versions. Write it like ">=3.12,<3.15", "==3.12.*" or "~=3.12" in worker.json.`,
  );

export interface FoundInterpreter {
  path: string;
  /** Such as `3.12.1`. */
  version: string;
  /** Why it isn't taken whatever its version; null when it could be. */
  refused: string | null;
}

export function noInterpreter(worker: string, constraint: string, found: FoundInterpreter[], lowest: string) {
  const list = found.map(
    ({ path, version, refused }) => `  ${version.padEnd(9)}${path}${refused ? ` (${refused})` : ''}`,
  );
  return new EnvironmentError(
    [
      `The worker ${worker} needs Python ${constraint}, and none was found on the PATH or in the usual places.`,
      list.length > 0 ? `Found:\n${list.join('\n')}` : 'No Python was found at all.',
      'Install one, for example:',
      `  Debian, Ubuntu:  apt install python${lowest} python3-pip`,
      `  Fedora:          dnf install python${lowest}`,
      `  macOS:           brew install python@${lowest}`,
      `  with uv:         uv python install ${lowest}`,
      `  with pyenv:      pyenv install ${lowest}`,
      '  or from https://www.python.org/downloads/',
    ].join('\n'),
  );
}

export const noUv = (tried: string[]) =>
  new EnvironmentError(
    [
      'Worker environments are made by uv. It is not on the PATH, and could not be installed with pip:',
      ...(tried.length > 0 ? tried.map((line) => `  ${line}`) : ['  no Python with pip was found']),
      'Install uv (https://docs.astral.sh/uv/getting-started/installation/), for example `pipx install uv` or `brew install uv`; ' +
        'or install pip (Debian, Ubuntu: apt install python3-pip).',
    ].join('\n'),
  );

export const uvFailed = (worker: string, step: string, tail: string) =>
  new EnvironmentError(
    `The environment of ${worker} could not be created: ${step}.\n${adviceFor(ADVICE, tail, 'uv')}\n\nuv's last lines:\n${tail}`,
  );

export const npmLockUnreadable = (worker: string, path: string, cause: unknown) =>
  new EnvironmentError(
    `The worker ${worker} names ${path} as the lock of its environment, and it cannot be read, or the package.json beside it: ${messageOf(cause)}. ` +
      'Make it with `npm install --package-lock-only --ignore-scripts` in that folder.',
    { cause },
  );

export const noNpm = () =>
  new EnvironmentError(
    'Environments of workers in JavaScript are made by npm, and there is none beside the running Node or on the PATH. ' +
      'Install it (Debian, Ubuntu: apt install npm), or Node from https://nodejs.org, which has it.',
  );

export const npmFailed = (worker: string, code: number | null, tail: string) =>
  new EnvironmentError(
    `The environment of ${worker} could not be created: npm ci failed with exit code ${code ?? 'none'}.\n${adviceFor(NPM_ADVICE, tail, 'npm')}\n\nnpm's errors:\n${tail}`,
  );

/** The needs of a worker in a container that this machine lacks, each with the next step. */
export const containerUnsupported = (worker: string, missing: string[]) =>
  new EnvironmentError(
    [
      `The worker ${worker} runs in a container, and this machine lacks:`,
      ...missing.map((line) => `  - ${line}`),
      'Nothing was built or pulled. When all of it is there, run again with NX_STUDY_RETRY=1.',
    ].join('\n'),
    { type: 'unsupported' },
  );

export const lacks = {
  engine: (engines: readonly string[]) =>
    `${list(engines)}: none is on the PATH (Debian, Ubuntu: apt install podman; else https://docs.docker.com/engine/install)`,
  chosenEngine: (variable: string, engine: string) => `${engine}, which ${variable} names: it is not on the PATH`,
  builder: (file: string) =>
    `docker or podman, which build the image from ${file}: Apptainer runs images only. Build it where one of them is, push it to a registry, and name it by digest as the \`image\` of the worker`,
  nvidia: () =>
    'an NVIDIA GPU: its driver lists none under /proc/driver/nvidia. Containers reach one through the NVIDIA Container Toolkit',
  image: (engine: string, image: string) =>
    `the image ${image}, which may take tens of gigabytes: ${engine} pull ${image}`,
  imageUnseen: (engine: string, image: string, why: string) =>
    `the image ${image}, as far as can be told: \`${engine} image inspect\` says: ${why}`,
};

export const imageByTag = (image: string, id: string): Finding => ({
  code: 'image-by-tag',
  message:
    `the worker names its image by a tag, ${image}, which may stand for another one tomorrow without being measured again; ` +
    `this was ${id}. Name it by digest: \`docker image inspect --format '{{.RepoDigests}}'\` tells it`,
});

export const sourcesUnpinned = (sources: string[], id: string): Finding => ({
  code: 'image-by-tag',
  message:
    `the image of the worker is built from ${list(sources, 'and')} without a digest, so another build of it may be another one without being measured again; ` +
    `this was ${id}. Name images by digest (\`name@sha256:…\`), and files with \`ADD --checksum=\``,
});

export const memoryUnlimited: Finding = {
  code: 'memory-limit-ignored',
  message:
    'the memory limit was not enforced: podman has no control group for memory here, as without root on a system with cgroups of version 1',
};

export const unknownEngine = (variable: string, value: string, engines: readonly string[]) =>
  new EnvironmentError(
    `${variable} names no engine for containers: ${show(value)}. Known are ${list(engines, 'and')}.`,
  );

export const containerFileUnreadable = (worker: string, file: string, cause: unknown) =>
  new EnvironmentError(
    `The worker ${worker} builds its image from ${file}, and what it is built from cannot be read: ${messageOf(cause)}.`,
    { cause },
  );

export const imageBuildFailed = (worker: string, engine: string, code: number | null, tail: string) =>
  new EnvironmentError(
    `The image of ${worker} could not be built: ${engine} build failed with exit code ${code ?? 'none'}.\n${adviceFor(IMAGE_ADVICE, tail, engine)}\n\n${engine}'s last lines:\n${tail}`,
  );

export const sifFailed = (worker: string, code: number | null, tail: string) =>
  new EnvironmentError(
    `The image of ${worker} could not be made into a file: apptainer build failed with exit code ${code ?? 'none'}.\n${adviceFor(IMAGE_ADVICE, tail, 'apptainer')}\n\napptainer's last lines:\n${tail}`,
  );

/** Containers of killed runs could not be listed or removed; `tail` is the end of the engine's output. */
export const leftoversUnknown = (command: string, tail: string) =>
  new EnvironmentError(
    `\`${command}\` failed, so a container of a run that was killed may still use this machine. It said:\n${tail}`,
  );

export const leftoverRemoved = (name: string) => `removed the container ${name} of a run that was killed`;

export const environmentIncomplete = (root: string) =>
  new EnvironmentError(`${root} is not complete, though it was just made. Run again.`);

export const toolNotStarted = (command: string, cause: unknown) =>
  new EnvironmentError(`${command} could not be started: ${messageOf(cause)}.`, { cause });

const ADVICE: [RegExp, string][] = [
  [
    /hash mismatch/i,
    'A downloaded package is not the one that the lock names: the lock was edited, or the package index serves a changed file. Make the lock anew and compare.',
  ],
  [
    /require-hashes|must have a hash|missing hashes/i,
    'The lock has no hash for each package. Make it with `uv pip compile --generate-hashes`.',
  ],
  [
    /network (connectivity is|was) disabled|dns error|failed to (lookup|connect|fetch)|error sending request|connection (refused|reset)|timed out|could not connect|tunnel error|certificate/i,
    'The package index was not reached: check the network. For a mirror or a proxy set UV_DEFAULT_INDEX, HTTPS_PROXY or SSL_CERT_FILE. ' +
      'Without a network, build this environment once on a machine that has one, and keep the folder that UV_CACHE_DIR names.',
  ],
  [
    /no space left|disk quota/i,
    'The disk is full: free some space, or set NX_STUDY_CACHE_DIR and UV_CACHE_DIR to another disk.',
  ],
  [
    /no solution found|no matching|no wheels|matching platform|python abi|not found in the (package )?registry/i,
    'A locked package does not exist for this Python or system, or this package index lacks it: make the lock anew for it, or use another Python.',
  ],
  [
    /failed to build|compiler|gcc|clang/i,
    'A package had to be compiled and that failed: install a compiler, or choose a version that has a wheel for this system.',
  ],
];

const NPM_ADVICE: typeof ADVICE = [
  [
    /EINTEGRITY/,
    'A downloaded package is not the one that the lock names: the lock was edited, or the registry serves a changed file. Make the lock anew and compare.',
  ],
  [
    /EUSAGE|can only install (packages )?(with|when)/i,
    'package.json and package-lock.json do not fit each other. Make the lock anew: `npm install --package-lock-only --ignore-scripts`.',
  ],
  [
    /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|CERT_|self.signed/i,
    "The registry was not reached: check the network. npm's own settings hold here: `npm config set registry …`, `proxy`, `cafile`. " +
      'Without a network, build this environment once on a machine that has one, and keep its npm cache (`npm config get cache`).',
  ],
  [/ENOSPC|EDQUOT/, "The disk is full: free some space, or set NX_STUDY_CACHE_DIR and npm's `cache` to another disk."],
  [
    /E404|ETARGET|EBADPLATFORM|notarget/,
    'A locked package does not exist for this system, or this registry lacks it: make the lock anew for it.',
  ],
];

const IMAGE_ADVICE: typeof ADVICE = [
  [
    /cannot connect to the docker daemon/i,
    'The daemon of Docker does not answer: start it, or choose another engine, such as NX_STUDY_CONTAINER_ENGINE=podman.',
  ],
  [
    /copier: stat|no such file or directory|failed to compute cache key|not found: not found|COPY failed/i,
    'A step may need a file that the build does not see: the context holds the files that `build.context` of worker.json names, and nothing else.',
  ],
  [
    /dial tcp|no such host|i\/o timeout|connection refused|TLS handshake|temporary failure/i,
    'The registry was not reached: check the network, or fetch the image beforehand.',
  ],
  [/unauthorized|authentication required|denied/i, 'The registry refuses: log in, or check the name of the image.'],
  [/no space left|disk quota/i, 'The disk is full: free some space, or move the storage of the engine.'],
];

const adviceFor = (advice: typeof ADVICE, tail: string, tool: string): string =>
  advice.find(([pattern]) => pattern.test(tail))?.[1] ?? `The output of ${tool} below should name the cause.`;

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));
