/** Who may do what. A permission is `noun.verb`; `*` is all of a tenant, never what belongs to the platform. */
export const ROLES = ['platform_admin', 'admin', 'staff', 'reseller', 'customer'] as const;
export type Role = (typeof ROLES)[number];

export const TENANT_PERMISSIONS = [
  'users.read', 'users.write',
  'customers.read', 'customers.write',
  'products.read', 'products.write',
  'orders.read', 'orders.create',
  'invoices.read', 'invoices.settle',
  'billing.read', 'billing.write',
  'payments.create',
  'subscriptions.read', 'subscriptions.cancel',
  'cloudpods.read', 'cloudpods.create', 'cloudpods.suspend', 'cloudpods.delete', 'cloudpods.reveal',
  'jobs.read', 'jobs.operate',
  'domains.read', 'domains.register', 'domains.renew',
  'dns.read', 'dns.write',
  'email.read', 'email.write', 'email.reveal',
  'certificates.read', 'certificates.write', 'certificates.download',
  'audit.read',
  'guardian.read', 'guardian.configure', 'guardian.scan', 'guardian.remediate', 'guardian.approve',
] as const; // biome-ignore format: one noun a line

const PLATFORM_PERMISSIONS = [
  'tenants.read',
  'tenants.write',
  'servers.read',
  'system.read',
  'guardian.approve_platform',
] as const;

/** Belongs to whoever is signed in. */
const EVERYBODY = ['session.read', 'session.write', 'status.read'] as const;

export type TenantPermission = (typeof TENANT_PERMISSIONS)[number];
export type Permission = TenantPermission | (typeof PLATFORM_PERMISSIONS)[number] | (typeof EVERYBODY)[number];

const RESELLER: readonly Permission[] = TENANT_PERMISSIONS.filter(
  (permission) =>
    !permission.startsWith('guardian.') &&
    !['users.write', 'products.write', 'invoices.settle', 'billing.write', 'jobs.operate', 'audit.read'].includes(
      permission,
    ),
);

const CUSTOMER: readonly Permission[] = [
  'customers.read', 'customers.write', 'products.read', 'orders.read', 'orders.create', 'invoices.read', 'payments.create',
  'subscriptions.read', 'subscriptions.cancel', 'cloudpods.read', 'cloudpods.create', 'cloudpods.reveal', 'jobs.read',
  'domains.read', 'domains.register', 'domains.renew', 'dns.read', 'dns.write', 'email.read', 'email.write', 'email.reveal',
  'certificates.read', 'certificates.write', 'certificates.download',
]; // biome-ignore format: a list

/** What a user's roles and own grants come to: the list that /auth/me shows. */
export function permissionsOf(roles: readonly string[], granted: readonly string[]): string[] {
  const all = new Set<string>();
  if (roles.includes('platform_admin')) for (const permission of PLATFORM_PERMISSIONS) all.add(permission);
  if (roles.includes('platform_admin') || roles.includes('admin')) all.add('*');
  if (roles.includes('reseller')) for (const permission of RESELLER) all.add(permission);
  if (roles.includes('staff'))
    for (const permission of granted) if (isTenantPermission(permission)) all.add(permission);
  if (roles.includes('customer')) for (const permission of CUSTOMER) all.add(permission);
  return [...all];
}

/** Whether it is a permission at all that can be given, `*` included. */
export function isPermission(name: string): name is Permission | '*' {
  return name === '*' || isTenantPermission(name) || (PLATFORM_PERMISSIONS as readonly string[]).includes(name);
}

export function holds(permissions: readonly string[], wanted: Permission | '*'): boolean {
  return wanted === '*' ? permissions.includes('*') : may(permissions, wanted);
}

/** What is left of permissions within scopes; the scope `*` is all of a tenant's that there are. */
export function within(permissions: readonly string[], scopes: readonly string[]): string[] {
  const left = new Set<string>();
  for (const scope of scopes) {
    if (scope === '*') for (const own of permissions) if (own === '*' || isTenantPermission(own)) left.add(own);
    if (isPermission(scope) && holds(permissions, scope)) left.add(scope);
  }
  return [...left];
}

export function may(permissions: readonly string[], wanted: Permission): boolean {
  if ((EVERYBODY as readonly string[]).includes(wanted)) return true;
  if (permissions.includes(wanted)) return true;
  return permissions.includes('*') && isTenantPermission(wanted);
}

/** The permission to know of a noun at all: without it the noun's endpoints are not there. */
export function readingOf(permission: Permission): Permission {
  return `${permission.split('.')[0]}.read` as Permission;
}

export function isTenantPermission(permission: string): permission is TenantPermission {
  return (TENANT_PERMISSIONS as readonly string[]).includes(permission);
}
