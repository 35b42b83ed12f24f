import { dirname, join } from 'node:path';
import { assetsRoot } from '../../environment/cache.ts';
import { inContainer } from '../../environment/in-container.ts';
import type { Allowance } from '../../environment/in-container.ts';
import { tsx } from '../../environment/tsx.ts';
import type { JsonObject } from '../../base/json.ts';
import { threadCaps } from '../../machine/cpus.ts';
import { newToken, temporaryFolderOf } from '../../machine/temporary.ts';
import type { Worker } from '../../worker/manifest.ts';
import { fillPlaceholders } from '../../worker/placeholders.ts';
import type { Placeholder } from '../../worker/placeholders.ts';
import type { PreparedEnvironment } from '../../environment/prepared.ts';
import { kitsFolder } from '../../workspace/places.ts';

/** Variables of the surroundings that reach every worker. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ'];

export interface Invocation {
  command: string[];
  env: Record<string, string>;
  /** Carried in the environment as `NX_STUDY_RUN`. */
  token: string;
}

interface Call {
  workspaceRoot: string;
  worker: Worker;
  /** Of the worker's manifest, with placeholders. */
  command: string[];
  environment: PreparedEnvironment;
  allowance: Allowance;
  /** Absolute: the run directory, and the file that `derive` writes. */
  places: { run: string; out?: string };
  /** Absolute paths of assets that the worker reads. */
  assets?: string[];
  /** Whether it computes on a GPU; a container sees none otherwise. */
  gpus?: boolean;
}

/** The command line and the whole environment of one start of a worker. */
export function invocation(call: Call): Invocation {
  const { workspaceRoot, worker, command, environment, allowance, places, assets = [], gpus = false } = call;
  const { container } = environment;
  const known: Partial<Record<Placeholder, string>> = {
    ...places,
    worker: join(workspaceRoot, worker.root),
    kits: kitsFolder(workspaceRoot),
    workspace: workspaceRoot,
    python: environment.python ?? 'python3',
    node: container ? 'node' : process.execPath,
    tsx: tsx.url,
    ...(environment.modules === null ? {} : { modules: environment.modules }),
    cache: environment.cacheDir,
  };
  const fill = (text: string) => fillPlaceholders(text, known);
  const token = newToken();
  const env = {
    ...passed(worker.manifest.passEnvironment),
    ...threadCaps(allowance.cpus),
    // Hash order and site packages of the user would differ from run to run and from machine to machine.
    PYTHONHASHSEED: '0',
    PYTHONNOUSERSITE: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    ...Object.fromEntries(Object.entries(worker.manifest.env).map(([name, value]) => [name, fill(value)])),
    NX_STUDY_RUN: token,
  };
  const filled = command.map(fill);
  if (container === null)
    return { token, command: filled, env: { ...passed(INHERITED), TMPDIR: temporaryFolderOf(token), ...env } };
  const temporary = temporaryFolderOf(token);
  const started = inContainer(container, filled, {
    env: { TMPDIR: temporary, ...env },
    home: environment.cacheDir,
    token,
    gpus: gpus || container.needsGpu,
    ...allowance,
    mounts: {
      readOnly: [workspaceRoot, ...assets.filter((path) => !path.startsWith(`${assetsRoot()}/`))],
      writable: [
        assetsRoot(),
        environment.cacheDir,
        temporary,
        places.run,
        ...(places.out ? [dirname(places.out)] : []),
      ],
    },
    cwd: places.run,
  });
  return {
    token,
    command: started.command,
    env: { ...passed([...INHERITED, ...ENGINE]), ...started.env, NX_STUDY_RUN: token },
  };
}

/** The variables that settings name as the place of a secret. Only for the worker's own environment. */
export const secretsOf = (worker: Worker, configuration: JsonObject): Record<string, string> =>
  passed(secretNames(worker, configuration));

/** Their names: the value of a setting is one, or a map of them. */
export function secretNames({ manifest }: Worker, configuration: JsonObject): string[] {
  const named = manifest.secrets.flatMap((setting) => {
    const value = configuration[setting];
    return typeof value === 'object' && value !== null ? Object.values(value) : [value];
  });
  return named.filter((name) => typeof name === 'string');
}

// How docker, podman and Apptainer find their daemon, their images and their settings.
const ENGINE = [
  'DOCKER_HOST',
  'DOCKER_CONFIG',
  'DOCKER_CONTEXT',
  'CONTAINER_HOST',
  'CONTAINERS_CONF',
  'CONTAINERS_STORAGE_CONF',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
  'APPTAINER_CONFIGDIR',
  'APPTAINER_TMPDIR',
  'TMPDIR',
];

function passed(names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
