import { backupEffects } from './backup.ts';
import { cloneEffects } from './clone.ts';
import { configEffects } from './config.ts';
import { createEffects } from './create.ts';
import { destroyEffects } from './destroy.ts';
import { keep } from './guest.ts';
import { migrateEffects } from './migrate.ts';
import { powerEffects } from './power.ts';
import { snapshotEffects } from './snapshot.ts';
import { storageEffects } from './storage.ts';
import type { Task } from './tasks.ts';
import type { World } from './world.ts';

export interface Effect {
  /** Does the work; throws the sentence the task ends with where it cannot. */
  done(world: World, args: Record<string, string>, task: Task): void;
  /** Takes back what was prepared when the task was accepted. */
  undone?(world: World, args: Record<string, string>): void;
}
export type Effects = Record<string, Effect>;

const effects: Effects = {
  ...cloneEffects,
  ...createEffects,
  ...powerEffects,
  ...configEffects,
  ...destroyEffects,
  ...snapshotEffects,
  ...backupEffects,
  ...storageEffects,
  ...migrateEffects,
};

/** Brings the world up to now: ends tasks whose time has come, one after the other, and locks that have run out. */
export function settle(world: World): void {
  for (let [task] = world.tasks.due(); task; [task] = world.tasks.due()) finish(world, task);
  const now = Date.now();
  for (const guest of world.guests.values())
    if (guest.lockUntil !== undefined && guest.lockUntil <= now) {
      const { lockUntil: _ended, ...rest } = guest;
      const { lock: _lock, ...config } = guest.config;
      keep(world, { ...rest, config });
    }
}

function finish(world: World, task: Task): void {
  const effect = effects[task.work.verb];
  if (!effect) throw new Error(`no effect ${task.work.verb}`);
  let exit = 'OK';
  try {
    if (task.fails) throw new Error(task.fails);
    effect.done(world, task.work.args, task);
  } catch (error) {
    exit = (error as Error).message;
    effect.undone?.(world, task.work.args);
  }
  world.tasks.end(task, exit);
}

/** Stops a running task in its tracks; what it had prepared is taken back. */
export function abort(world: World, task: Task): void {
  effects[task.work.verb]?.undone?.(world, task.work.args);
  world.tasks.end({ ...task, dueAt: Date.now() }, 'interrupted by signal');
}
