/** The states of everything that has one. The database checks them, the schemas offer them. */
export const TENANT_STATUS = ['active', 'suspended'] as const;
export const USER_STATUS = ['active', 'invited', 'suspended'] as const;
/** What a mail may let its reader do: set a forgotten password, or the first one. */
export const MAILED_RIGHTS = ['reset', 'invitation'] as const;
export type MailedRight = (typeof MAILED_RIGHTS)[number];
export const CUSTOMER_STATUS = ['active', 'suspended'] as const;
export const PRODUCT_TYPES = ['cloudpod', 'domain', 'email', 'backup', 'addon'] as const;
/** What VIES says of a customer's VAT number; `unchecked`: it has not answered yet. */
export const VAT_STATUS = ['unchecked', 'valid', 'invalid'] as const;

export const PRODUCT_STATUS = ['active', 'retired'] as const;
/** pending: unpaid · provisioning: paid, work goes on · active: ended with something delivered · failed: ended with nothing. */
export const ORDER_STATUS = ['pending', 'provisioning', 'active', 'failed', 'cancelled'] as const;
export const ITEM_STATUS = ['pending', 'provisioning', 'delivered', 'undone', 'cancelled'] as const;
export const INVOICE_STATUS = ['unpaid', 'paid', 'cancelled', 'refunded'] as const;
export const SUBSCRIPTION_STATUS = ['pending', 'active', 'suspended', 'cancelled'] as const;
export const INSTANCE_STATUS = [
  'pending',
  'provisioning',
  'active',
  'suspending',
  'suspended',
  'deleting',
  'deleted',
  'failed',
] as const;
/** pending: ordered, the name is anybody's still · registering: ours alone to try. */
export const DOMAIN_STATUS = ['pending', 'registering', 'active', 'expired', 'deleted', 'failed'] as const;
export const ZONE_STATUS = ['pending', 'active', 'deleted'] as const;
export const EMAIL_STATUS = [
  'pending',
  'provisioning',
  'active',
  'suspended',
  'deleting',
  'deleted',
  'failed',
] as const;
export const MAILBOX_STATUS = ['pending', 'provisioning', 'active', 'deleting', 'deleted', 'failed'] as const;
export const CERTIFICATE_STATUS = ['pending', 'active', 'failed', 'revoked'] as const;
export const JOB_STATUS = [
  'pending',
  'running',
  'blocked',
  'completed',
  'failed',
  'cancelled',
  'compensating',
  'compensated',
] as const;
export const STEP_STATUS = ['pending', 'running', 'blocked', 'done', 'failed', 'skipped', 'undoing', 'undone'] as const;
export const NODE_STATUS = ['online', 'offline'] as const;
export const ACTOR_TYPES = ['user', 'api_key', 'operator', 'system'] as const;
export type ActorType = (typeof ACTOR_TYPES)[number];

export const EVENT_LEVELS = ['info', 'warning', 'error'] as const;

export type ProductType = (typeof PRODUCT_TYPES)[number];
export type OrderStatus = (typeof ORDER_STATUS)[number];
export type ItemStatus = (typeof ITEM_STATUS)[number];
export type InvoiceStatus = (typeof INVOICE_STATUS)[number];
export type InstanceStatus = (typeof INSTANCE_STATUS)[number];
export type JobStatus = (typeof JOB_STATUS)[number];
export type StepStatus = (typeof STEP_STATUS)[number];

/** No job leaves one of these. */
export const JOB_ENDED: readonly JobStatus[] = ['completed', 'failed', 'cancelled', 'compensated'];
