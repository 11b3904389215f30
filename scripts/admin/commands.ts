import { addressCommands } from './addresses.ts';
import { auditVerify } from './audit.ts';
import type { Command } from './command.ts';
import { nodeCommands } from './nodes.ts';
import { resetPassword } from './password.ts';
import { reconcile } from './reconcile.ts';
import { secretCommands } from './secrets.ts';
import { show } from './show.ts';
import { templateCommands } from './templates.ts';
import { tldCommands } from './tld.ts';
import { vmidCommands } from './vmids.ts';
import { zoneAdd } from './zone.ts';

/** In the order in which help lists them. */
export const commands: readonly Command[] = [
  show,
  ...nodeCommands,
  ...templateCommands,
  ...addressCommands,
  ...vmidCommands,
  zoneAdd,
  ...tldCommands,
  reconcile,
  auditVerify,
  resetPassword,
  ...secretCommands,
];
