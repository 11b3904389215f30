import { STAGES } from './support/stages/index.ts';
import { laws } from './support/suite.ts';

laws(STAGES.drift);
