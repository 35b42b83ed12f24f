import { access, constants } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { isHere, placeOf } from '../../assets/fetch.ts';
import type { AssetManifest } from '../../assets/manifest.ts';
import { stampOf } from '../../assets/stamp.ts';
import { valueAt } from '../../base/path.ts';
import { reasonOf } from '../../base/reason.ts';
import { size } from '../../base/size.ts';
import { environmentNow } from '../../environment/prepare.ts';
import type { PreparedEnvironment } from '../../environment/prepared.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { nvidiaAccelerators } from '../../machine/host.ts';
import { secretNames } from '../../measure/worker/command.ts';
import { ownLock } from '../../worker/lock-files.ts';
import type { Worker } from '../../worker/manifest.ts';
import { fails, ok, unknown, warning } from './items.ts';
import type { Item } from './items.ts';
import { doctorTexts as texts } from './texts.ts';

/** The environment of a measurement, and what is said of it; without a path where it is not there. */
export interface EnvironmentItem {
  item: Item;
  environment: PreparedEnvironment | null;
}

type Environed = Pick<MeasureTask, 'variant' | 'configuration'>;

/** Whether a worker's environment is there, or can be made; makes nothing. */
export async function environmentItem(
  workspaceRoot: string,
  worker: Worker,
  { variant, configuration }: Environed,
): Promise<EnvironmentItem> {
  const { type } = worker.manifest.environment;
  const own = ownLock(worker.manifest.environment, configuration);
  const name = [worker.name, own ?? variant].filter((part) => part !== null).join(' ');
  try {
    const environment = await environmentNow({ workspaceRoot, worker, variant, own });
    if (environment === null)
      return {
        item: warning('environment', texts.toBuild(name), type === 'container' ? texts.buildImage : texts.build),
        environment,
      };
    if (type === 'system') return { item: ok('environment', texts.system(name)), environment };
    const versions = Object.entries(environment.versions).map(([tool, version]) => `${tool} ${version}`);
    return { item: ok('environment', texts.ready(name, versions)), environment };
  } catch (error) {
    return { item: fails('environment', reasonOf(error), null), environment: null };
  }
}

/** Whether there is an NVIDIA GPU for the variant `cuda`, and for a container that needs one. */
export function driverItems(worker: Worker, { variant }: Environed, gpus = nvidiaAccelerators()): Item[] {
  if (variant !== 'cuda') return [];
  const [first] = gpus;
  if (first === undefined) return [fails('driver', texts.noGpu(worker.name), texts.chooseCpu)];
  if (first.driver === null) return [unknown('driver', texts.noDriverVersion)];
  return [
    ok(
      'driver',
      texts.driver(
        first.driver,
        gpus.map(({ model }) => model),
      ),
    ),
  ];
}

/** Whether the models of a measurement are here, complete by their size, and readable. */
export async function modelItems({ assets }: AssetManifest, task: MeasureTask): Promise<Item[]> {
  const named = task.assets.map((path) => valueAt(task.configuration, path));
  const items = named.filter((value) => typeof value === 'string').map((value) => modelItem(assets, value));
  return Promise.all(items);
}

async function modelItem(assets: AssetManifest['assets'], value: string): Promise<Item> {
  const asset = isAbsolute(value) ? undefined : assets.get(value);
  if (asset !== undefined && !(await isHere(asset)))
    return warning('model', texts.toFetch(value, size(asset.bytes)), texts.fetch);
  const path = asset === undefined ? value : placeOf(asset);
  try {
    const stamp = await stampOf(path);
    if (stamp === null) return fails('model', texts.noModel(value), null);
    await Promise.all(stamp.files.map((file) => access(file.absolute, constants.R_OK)));
    return ok('model', texts.model(value, size(stamp.bytes)));
  } catch (error) {
    return fails('model', reasonOf(error), null);
  }
}

/** Whether the variables are set that settings name as the place of a secret. */
export function secretItems(worker: Worker, { configuration }: Environed): Item[] {
  const names = secretNames(worker, configuration);
  return names.map((name) =>
    process.env[name] === undefined || process.env[name] === ''
      ? fails('variables', texts.unset(name), texts.set(name))
      : ok('variables', texts.isSet(name)),
  );
}
