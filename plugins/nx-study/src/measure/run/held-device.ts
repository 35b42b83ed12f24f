import { lockLost } from '../../machine/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { takeDevice } from '../batch/batch.ts';
import type { Device, Batch } from '../batch/batch.ts';

/** The device of a batch, which is taken anew when its lock was lost. */
export interface HeldDevice {
  /**
   * The device, for a task that is next. Where somebody has removed or replaced the lock's file, others may hold its
   * successor: then it waits for them. Rejects as `takeDevice` does.
   */
  keep(next: MeasureTask): Promise<Device>;
  free(): Promise<void>;
}

/** Waits for the device, as `takeDevice` does. */
export async function holdDevice(
  batch: Pick<Batch, 'workspaceRoot' | 'stop' | 'print'>,
  tasks: MeasureTask[],
): Promise<HeldDevice> {
  let device = await takeDevice(batch, tasks);
  return {
    async keep(next) {
      if (device.lock.isStillHeld()) return device;
      batch.print(lockLost(device.lock.path));
      await device.free();
      device = await takeDevice(batch, [next]);
      return device;
    },
    free: () => device.free(),
  };
}
