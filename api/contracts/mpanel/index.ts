import type { Route } from '../../http/route.ts';
import { authRoutes } from './auth.ts';
import { healthRoutes } from './health.ts';
import { jobRoutes } from './jobs.ts';
import { orderRoutes } from './orders.ts';
import { paymentRoutes } from './payments.ts';
import { peopleRoutes } from './people.ts';
import { productRoutes } from './products.ts';

/** The contract of the panel as a table; mounted under /api. Fixed paths stand before those with ids. */
export const mpanelRoutes: readonly Route[] = [
  ...authRoutes,
  ...healthRoutes,
  ...peopleRoutes,
  ...productRoutes,
  ...orderRoutes,
  ...paymentRoutes,
  ...jobRoutes,
];
