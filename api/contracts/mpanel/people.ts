import { z } from 'zod';
import { ROLES } from '../../../core/permissions.ts';
import { CUSTOMER_STATUS, TENANT_STATUS, USER_STATUS } from '../../../core/states.ts';
import { findCustomer, listCustomers } from '../../../db/queries/customers.ts';
import { findTenant, listTenants } from '../../../db/queries/tenants.ts';
import { findUser, listUsers } from '../../../db/queries/users.ts';
import { created, noContent, ok, route } from '../../http/route.ts';
import { seen } from '../../usecases/access.ts';
import { createCustomer } from '../../usecases/customers/create.ts';
import { updateCustomer } from '../../usecases/customers/update.ts';
import { resetSecondFactor } from '../../usecases/second-factor/reset.ts';
import { createTenant } from '../../usecases/tenants/create.ts';
import { createUser } from '../../usecases/users/create.ts';
import { inviteAgain } from '../../usecases/users/invite.ts';
import { deleteUser } from '../../usecases/users/remove.ts';
import { updateUser } from '../../usecases/users/update.ts';
import { presentPage } from './present/common.ts';
import { presentCustomer, presentTenant, presentUser } from './present/people.ts';
import {
  Address,
  byId,
  Customer,
  email,
  empty,
  line,
  listOf,
  pageQuery,
  password,
  phone,
  sought,
  Tenant,
  User,
  uuid,
  VatId,
} from './schemas/index.ts';

const tenants = [
  route({
    method: 'get',
    path: '/tenants',
    summary: 'Tenants',
    tag: 'Tenants',
    permission: 'tenants.read',
    query: z.strictObject(pageQuery),
    responses: { 200: listOf(Tenant) },
    handler: async (ctx, { query }) => ok(presentPage(await listTenants(ctx.em, query), presentTenant)),
  }),
  route({
    method: 'get',
    path: '/tenants/:id',
    summary: 'One tenant',
    tag: 'Tenants',
    permission: 'tenants.read',
    params: byId,
    responses: { 200: Tenant },
    handler: async (ctx, { params }) => ok(presentTenant(seen(ctx, await findTenant(ctx.em, params.id)))),
  }),
  route({
    method: 'post',
    path: '/tenants',
    summary: 'Create a tenant; its first administrator is invited',
    tag: 'Tenants',
    permission: 'tenants.write',
    body: z.strictObject({
      name: line(),
      status: z.enum(TENANT_STATUS).default('active'),
      administrator: z.strictObject({ name: line(), email }).optional(),
    }),
    responses: { 201: Tenant },
    handler: async (ctx, { body }) => created(presentTenant(await createTenant(ctx, body))),
  }),
];

const NewCustomer = z.strictObject({
  name: line(),
  email,
  phone: phone.optional(),
  address: Address.optional(),
  vatId: VatId.nullable().optional(),
});

const customers = [
  route({
    method: 'get',
    path: '/customers',
    summary: 'Customers, by part of name or e-mail address',
    tag: 'Customers',
    permission: 'customers.read',
    query: z.strictObject({ ...pageQuery, search: sought(200).optional() }),
    responses: { 200: listOf(Customer) },
    handler: async (ctx, { query }) =>
      ok(presentPage(await listCustomers(ctx.em, ctx.scope, query.search, query), presentCustomer)),
  }),
  route({
    method: 'get',
    path: '/customers/:id',
    summary: 'One customer',
    tag: 'Customers',
    permission: 'customers.read',
    params: byId,
    responses: { 200: Customer },
    handler: async (ctx, { params }) =>
      ok(presentCustomer(seen(ctx, await findCustomer(ctx.em, ctx.scope, params.id)))),
  }),
  route({
    method: 'post',
    path: '/customers',
    summary: 'Create a customer',
    tag: 'Customers',
    permission: 'customers.write',
    body: NewCustomer,
    responses: { 201: Customer },
    handler: async (ctx, { body }) => created(presentCustomer(await createCustomer(ctx, body))),
  }),
  route({
    method: 'put',
    path: '/customers/:id',
    summary: 'Change a customer',
    tag: 'Customers',
    permission: 'customers.write',
    params: byId,
    body: NewCustomer.extend({ status: z.enum(CUSTOMER_STATUS) }).partial(),
    responses: { 200: Customer },
    handler: async (ctx, { params, body }) => ok(presentCustomer(await updateCustomer(ctx, params.id, body))),
  }),
];

const NewUser = z.strictObject({
  name: line(),
  email,
  password: password.optional(),
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
  permissions: z.array(z.string().max(60)).max(100).optional(),
  customerId: uuid.optional(),
});

const users = [
  route({
    method: 'get',
    path: '/users',
    summary: 'Logins of the tenant',
    tag: 'Users',
    permission: 'users.read',
    query: z.strictObject(pageQuery),
    responses: { 200: listOf(User) },
    handler: async (ctx, { query }) => ok(presentPage(await listUsers(ctx.em, ctx.scope, query), presentUser)),
  }),
  route({
    method: 'get',
    path: '/users/:id',
    summary: 'One login',
    tag: 'Users',
    permission: 'users.read',
    params: byId,
    responses: { 200: User },
    handler: async (ctx, { params }) => ok(presentUser(seen(ctx, await findUser(ctx.em, ctx.scope, params.id)))),
  }),
  route({
    method: 'post',
    path: '/users',
    summary: 'Create a login, of staff or of a customer; without a password it is invited to choose one',
    tag: 'Users',
    permission: 'users.write',
    body: NewUser,
    responses: { 201: User },
    handler: async (ctx, { body }) => created(presentUser(await createUser(ctx, body))),
  }),
  route({
    method: 'put',
    path: '/users/:id',
    summary: 'Change a login; a new password ends its sessions, and its customer stays',
    tag: 'Users',
    permission: 'users.write',
    params: byId,
    body: NewUser.extend({ status: z.enum(USER_STATUS) }).partial(),
    responses: { 200: User },
    handler: async (ctx, { params, body }) => ok(presentUser(await updateUser(ctx, params.id, body))),
  }),
  route({
    method: 'post',
    path: '/users/:id/invite',
    summary: 'Invite a login once more; earlier links stop working',
    tag: 'Users',
    permission: 'users.write',
    params: byId,
    responses: { 200: User },
    handler: async (ctx, { params }) => ok(presentUser(await inviteAgain(ctx, params.id))),
  }),
  route({
    method: 'delete',
    path: '/users/:id/second-factor',
    summary: 'Take the second factor off a login whose owner has lost it',
    tag: 'Users',
    permission: 'users.write',
    params: byId,
    responses: { 204: empty },
    handler: async (ctx, { params }) => {
      await resetSecondFactor(ctx, params.id);
      return noContent();
    },
  }),
  route({
    method: 'delete',
    path: '/users/:id',
    summary: 'Delete a login',
    tag: 'Users',
    permission: 'users.write',
    params: byId,
    responses: { 204: empty },
    handler: async (ctx, { params }) => {
      await deleteUser(ctx, params.id);
      return noContent();
    },
  }),
];

export const peopleRoutes = [...tenants, ...users, ...customers];
