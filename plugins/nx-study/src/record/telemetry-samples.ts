import { join } from 'node:path';
import { sha256 } from '../base/canonical.ts';
import { absent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { readBounded } from '../machine/regular-file.ts';
import { whyUnreadable } from './document.ts';
import type { Telemetry } from './telemetry.ts';
import { telemetryTexts as texts } from './texts.ts';

/** A line of `telemetry.jsonl`: `elapsed_s`, and each quantity by its name; null where its sensor gave nothing. */
export type TelemetrySample = Readonly<Record<string, number | null>>;

/** Chosen: more than a day of samples. */
const MOST_BYTES = 32 << 20;

/**
 * The samples of an attempt in their order, from its folder. Absent with the reason where the file is not the one of its record, or
 * can't be read.
 */
export async function readTelemetry(directory: string, { file }: Telemetry): Promise<TelemetrySample[] | Absent> {
  if (file === null) return absent(texts.noFile);
  try {
    const content = await readBounded(join(directory, file.path), MOST_BYTES);
    if ((await sha256())(content) !== file.sha256) return absent(texts.altered);
    const lines = content.toString('utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as TelemetrySample);
  } catch (error) {
    return absent(whyUnreadable(error));
  }
}
