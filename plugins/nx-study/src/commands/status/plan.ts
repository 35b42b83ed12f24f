import type { ProjectConfiguration } from '@nx/devkit';
import type { Origin } from '../../amendments/origins.ts';
import { decodeOptions } from '../../graph/encoding.ts';
import { measurementProject } from '../../graph/task.ts';
import type { MeasureMetadata, MeasureOptions } from '../../graph/task.ts';
import type { Gap } from '../../plan/types.ts';

/** One measurement of the plan. */
export interface Planned {
  id: string;
  label: string;
  repetition: number;
  worker: string;
  experiment: string;
  /** null where the graph can't know it: contents of a model outside of the workspace. */
  digest: string | null;
  /** Where an outcome holds as well, as accepted. */
  accepted: Origin[];
  expect: 'failed' | null;
  gap: Gap;
  memory_limit_bytes: number | null;
  /** As in the plan; a change from one to the next is the boundary of a cycle. */
  cycle: number;
}

interface Dependency {
  projects: string[];
}

/** The plan of a study, in its order, as Nx's graph holds it: nothing is read. */
export function plannedOf(projects: Record<string, ProjectConfiguration>, study: string): Planned[] {
  const [measurements] = (projects[study]?.targets?.['measure']?.dependsOn ?? []) as Dependency[];
  const prefix = measurementProject(study, '');
  return (measurements?.projects ?? []).flatMap((name) => {
    const target = projects[name]?.targets?.['measure'];
    const metadata = target?.metadata?.['nxStudy'] as MeasureMetadata | undefined;
    if (!metadata) return [];
    const options = decodeOptions(target!.options as object) as unknown as MeasureOptions;
    const { worker, repetition, digest, unhashed, expect, accepted } = options;
    const { label, experiment, execution, cycle } = metadata;
    const known = unhashed.length === 0 ? digest : null;
    const id = name.slice(prefix.length);
    const { gap, memory_limit_bytes } = execution;
    const place = { id, digest: known, accepted };
    return { ...place, label, repetition, worker, experiment, expect, gap, memory_limit_bytes, cycle };
  });
}
