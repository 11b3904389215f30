import type { JobType } from '../../../../workflows/catalog.ts';
import type { Act } from '../process.ts';
import type { Asked, Scene } from '../scene.ts';
import { certificates } from './certificates.ts';
import { drift } from './drift.ts';
import { guardian } from './guardian.ts';
import { addons, containers, instances, pods } from './instances.ts';
import { mail } from './mail.ts';
import { money } from './money.ts';
import { names } from './names.ts';
import { orders } from './orders.ts';
import { renewals, sweeps } from './renewals.ts';

/** How a saga is brought to its beginning. */
export interface Stage {
  saga: JobType;
  /** What is different in this one, where a saga has several. */
  about?: string;
  /** What is done by a workflow that is no saga. */
  acts?: readonly Act[];
  /** A step whose undo finds something to do only where nothing came after it: refused there, it is undone once more. */
  turns?: string;
  /** What stays though it was undone, because nothing in the world can undo it. */
  keeps?: RegExp;
  /** Makes what must be there before, and answers what asks for the saga itself. */
  arrange(scene: Scene): Promise<() => Promise<Asked>>;
}

export const titleOf = ({ saga, about }: Stage): string => [saga, about].filter(Boolean).join(', ');

/** By the test file that plays them; every saga is in some. */
export const STAGES = {
  pods,
  containers,
  instances,
  addons,
  names,
  certificates,
  mail,
  money,
  orders,
  renewals,
  sweeps,
  guardian,
  drift,
} as const satisfies Record<string, readonly Stage[]>;
