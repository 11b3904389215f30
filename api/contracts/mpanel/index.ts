import type { Route } from '../../http/route.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { auditRoutes } from './audit.ts';
import { authRoutes } from './auth.ts';
import { billingRoutes } from './billing.ts';
import { certificateRoutes } from './certificates.ts';
import { cloudPodRoutes } from './cloudpods.ts';
import { dnsRoutes } from './dns.ts';
import { domainRoutes } from './domains.ts';
import { emailRoutes } from './email.ts';
import { guardianRoutes } from './guardian.ts';
import { healthRoutes } from './health.ts';
import { invoiceRoutes } from './invoices.ts';
import { jobRoutes } from './jobs.ts';
import { oidcRoutes } from './oidc.ts';
import { orderRoutes } from './orders.ts';
import { paymentRoutes } from './payments.ts';
import { peopleRoutes } from './people.ts';
import { productRoutes } from './products.ts';
import { serverRoutes } from './servers.ts';
import { subscriptionRoutes } from './subscriptions.ts';
import { systemRoutes } from './system.ts';

/** The contract of the panel as a table; mounted under /api. Fixed paths stand before those with ids. */
export const mpanelRoutes: readonly Route[] = [
  ...authRoutes,
  ...apiKeyRoutes,
  ...oidcRoutes,
  ...healthRoutes,
  ...peopleRoutes,
  ...productRoutes,
  ...billingRoutes,
  ...orderRoutes,
  ...invoiceRoutes,
  ...paymentRoutes,
  ...subscriptionRoutes,
  ...cloudPodRoutes,
  ...serverRoutes,
  ...jobRoutes,
  ...domainRoutes,
  ...dnsRoutes,
  ...emailRoutes,
  ...certificateRoutes,
  ...guardianRoutes,
  ...auditRoutes,
  ...systemRoutes,
];
