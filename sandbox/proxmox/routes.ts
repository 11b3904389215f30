import { accessRoutes } from './access.ts';
import { agentRoutes } from './agent.ts';
import { backupRoutes } from './backup.ts';
import { backupJobRoutes } from './backup-jobs.ts';
import { cloneRoutes } from './clone.ts';
import { clusterRoutes } from './cluster.ts';
import { configRoutes } from './config.ts';
import { consoleRoutes } from './console.ts';
import { createRoutes } from './create.ts';
import { destroyRoutes } from './destroy.ts';
import { firewallRoutes } from './firewall.ts';
import { haRoutes } from './ha.ts';
import { migrateRoutes } from './migrate.ts';
import { poolRoutes } from './pools.ts';
import { powerRoutes } from './power.ts';
import { rrdRoutes } from './rrd.ts';
import { snapshotRoutes } from './snapshot.ts';
import { statusRoutes } from './status.ts';
import { storageRoutes } from './storage.ts';
import { taskRoutes } from './task-list.ts';
import type { Routes } from './world.ts';

/** Every endpoint that this cluster answers, by the name it has in the API's schema. */
export const routes: Routes = {
  ...accessRoutes,
  ...clusterRoutes,
  ...taskRoutes,
  ...poolRoutes,
  ...haRoutes,
  ...storageRoutes,
  ...backupRoutes,
  ...backupJobRoutes,
  ...createRoutes,
  ...cloneRoutes,
  ...statusRoutes,
  ...configRoutes,
  ...powerRoutes,
  ...snapshotRoutes,
  ...destroyRoutes,
  ...migrateRoutes,
  ...firewallRoutes,
  ...agentRoutes,
  ...consoleRoutes,
  ...rrdRoutes,
};
