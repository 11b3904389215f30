import { z } from 'zod';
import * as states from '../../../../core/states.ts';
import { line, nullableTime, nullableUuid, timestamp, uuid } from './common.ts';

const user = { id: uuid, name: z.string(), email: z.string(), roles: z.array(z.string()), tenantId: uuid };

export const Session = z
  .strictObject({ token: z.string(), refreshToken: z.string(), user: z.strictObject(user) })
  .meta({ id: 'Session' });

/** What a sign-in still needs, in the place of its tokens. */
export const Challenged = z
  .strictObject({ secondFactor: z.strictObject({ challenge: z.string(), expiresAt: timestamp }) })
  .meta({ id: 'Challenged' });

export const Renewed = z
  .strictObject({ token: z.string(), refreshToken: z.string().optional() })
  .meta({ id: 'RenewedSession' });

export const Me = z
  .strictObject({ ...user, permissions: z.array(z.string()), customerId: nullableUuid, secondFactor: z.boolean() })
  .meta({ id: 'Me' });

export const User = z
  .strictObject({
    ...user,
    customerId: nullableUuid,
    permissions: z.array(z.string()),
    status: z.enum(states.USER_STATUS),
    createdAt: timestamp,
  })
  .meta({ id: 'User' });

export const RoleRule = z
  .strictObject({
    value: line(),
    role: z.enum(['admin', 'staff', 'reseller', 'customer']),
    permissions: z.array(z.string().max(60)).max(100).default([]),
  })
  .meta({ id: 'RoleRule' });

export const OidcConnection = z
  .strictObject({
    id: uuid,
    name: z.string(),
    issuer: z.string(),
    clientId: z.string(),
    roleClaim: z.string(),
    roleRules: z.array(RoleRule),
    domains: z.array(z.string()),
    createdAt: timestamp,
  })
  .meta({ id: 'OidcConnection' });

export const ApiKey = z
  .strictObject({
    id: uuid,
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.string()),
    expiresAt: nullableTime,
    lastUsedAt: nullableTime,
    createdAt: timestamp,
  })
  .meta({ id: 'ApiKey' });
