import { networkInterfaces } from 'node:os';
import type { Access } from '../ask.ts';
import type { Configuration } from '../config.ts';
import { identify } from '../identify.ts';
import type { Identity } from '../identify.ts';
import { watchGpus } from './gpu.ts';
import type { GpuSource } from './gpu.ts';
import type { GpuReadings } from './gpu-reading.ts';
import { findPage } from './page.ts';
import type { NoPage } from './page.ts';
import { watchServer } from './watch.ts';
import type { ServerMetrics } from './watch.ts';

/** What was seen of the server while it was measured, or why nothing was. */
export interface Watched {
  server_metrics: ServerMetrics | NoPage;
  gpu: GpuReadings | NoPage;
}

/** Watches the server until the returned function is called. Never rejects. */
export type Watch = () => Promise<() => Promise<Watched>>;

type Settings = Pick<Configuration, 'model' | 'server' | 'telemetry'>;

/** What the server is, and how to watch it. Never rejects. */
export async function lookAt(
  settings: Settings,
  url: URL,
  access: Access,
): Promise<{ identity: Identity; watch: Watch }> {
  const { model, telemetry } = settings;
  const page = telemetry === null ? NOT_ASKED : await findPage(telemetry.path, url, access.headers);
  const period_s = telemetry?.period_s ?? 1;
  const gpus = gpuSource(settings, url);
  return {
    identity: await identify({ url, model, page }, access),
    async watch() {
      const [stopServer, stopGpus] = await Promise.all([watchServer(page, period_s), watchGpus(gpus, period_s)]);
      return async () => {
        const [server_metrics, gpu] = await Promise.all([stopServer(), stopGpus()]);
        return { server_metrics, gpu };
      };
    },
  };
}

const NOT_ASKED = { reason: 'the study asks for no telemetry' };

function gpuSource({ server, telemetry }: Settings, url: URL): GpuSource {
  const gpu = telemetry?.gpu ?? null;
  if (gpu === null) return NOT_ASKED;
  if (gpu === 'host') return gpu;
  if (gpu !== 'auto') return new URL(gpu);
  return server !== null || isHere(url)
    ? 'host'
    : { reason: 'the server runs on another machine: its GPUs can be told by a DCGM exporter (telemetry.gpu)' };
}

function isHere({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []);
  return host === 'localhost' || host.startsWith('127.') || own.includes(host);
}

/** Before anybody knows the server. */
export const unwatched: Watch = async () => async () => ({ server_metrics: NOT_KNOWN, gpu: NOT_KNOWN });

const NOT_KNOWN = { reason: 'the server was not known yet' };
