import type { KindPage } from '../kind-page.ts';
import { calibrationSection } from './calibration.ts';
import { checksSection } from './checks.ts';
import { convergenceSection } from './convergence.ts';
import { findingsSection } from './findings.ts';
import { forestSection } from './forest.ts';
import { modelSection } from './model.ts';
import { parametersSection } from './parameters.ts';
import { planeSection } from './plane.ts';
import { positionsSection } from './positions.ts';
import { predictionSection } from './prediction.ts';
import { predictiveSection } from './predictive.ts';
import { priorSection } from './prior.ts';
import { priorsSection } from './priors.ts';
import { quantitiesSection } from './quantities.ts';
import { rollcallsSection } from './rollcalls.ts';
import { sensitivitySection } from './sensitivity.ts';
import { shrinkageSection } from './shrinkage.ts';
import { signsSection } from './signs.ts';
import { subjectsOf } from './subjects.ts';

/**
 * Posteriors: what the model says, how that differs between experiments, and how far its draws and predictions can be
 * trusted. Sections about positions and roll calls stand only where a worker derived those. The answer has its sentences
 * from the comparisons, as the terminal shows them, too.
 */
export const posteriorPage: KindPage = {
  kind: 'posterior',
  mostExperiments: 20,
  isFirst: true,
  sections: (input) => {
    const subjects = subjectsOf(input);
    const others = [priorSection(input) ?? [], calibrationSection(input) ?? []].flat();
    if (subjects.all.length === 0) return others;
    return [
      findingsSection,
      modelSection,
      positionsSection,
      forestSection,
      planeSection,
      quantitiesSection,
      shrinkageSection,
      rollcallsSection,
      convergenceSection,
      signsSection,
      priorsSection,
      sensitivitySection,
      checksSection,
      predictiveSection,
      predictionSection,
      parametersSection,
    ]
      .flatMap((section) => section(subjects) ?? [])
      .concat(others);
  },
};
