import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import { createdAt, id } from './base.ts';
import { userId } from './sign-in.ts';
import { tenantId } from './tenant.ts';

/** What a value of the roles claim gives. */
export interface RoleRule {
  value: string;
  role: 'admin' | 'staff' | 'reseller' | 'customer';
  /** Of staff. */
  permissions: string[];
}

/** An OpenID provider that lets people into a tenant. */
export const OidcConnection = defineEntity({
  name: 'OidcConnection',
  indexes: [{ properties: ['tenantId', 'createdAt', 'id'] }],
  properties: {
    id: id(),
    tenantId: tenantId(),
    name: p.text(),
    issuer: p.text(),
    clientId: p.text(),
    /** Row of secret. */
    secretId: p.uuid(),
    /** Claim of the ID token whose values `roleRules` maps: text or a list. */
    roleClaim: p.text(),
    roleRules: p.json<RoleRule[]>(),
    /** Of verified e-mail addresses; none: any. */
    domains: p.array().$type<string[]>(),
    createdAt: createdAt(),
  },
});
export type OidcConnection = InferEntity<typeof OidcConnection>;

/** Whose login somebody known to a provider has. */
export const OidcIdentity = defineEntity({
  name: 'OidcIdentity',
  indexes: [{ properties: ['userId'] }],
  properties: {
    connectionId: p.uuid().primary(),
    /** `sub`: never used for anybody else by this issuer. */
    subject: p.text().primary(),
    userId: userId(),
    createdAt: createdAt(),
  },
});
export type OidcIdentity = InferEntity<typeof OidcIdentity>;

/** A browser that was sent to a provider and is to come back. */
export const OidcLogin = defineEntity({
  name: 'OidcLogin',
  properties: {
    /** SHA-256 of `state`. */
    state: p.text().primary(),
    connectionId: p.uuid(),
    nonce: p.text(),
    /** Of PKCE. */
    verifier: p.text(),
    /** SHA-256 of the cookie that only this browser has. */
    browser: p.text(),
    expiresAt: p.datetime(3),
  },
});
export type OidcLogin = InferEntity<typeof OidcLogin>;

/** Somebody who came back and was recognised; the page they were sent to fetches the session with it. */
export const OidcTicket = defineEntity({
  name: 'OidcTicket',
  indexes: [{ properties: ['userId'] }],
  properties: {
    /** SHA-256 of the code in the page's address. */
    hash: p.text().primary(),
    userId: userId(),
    connectionId: p.uuid(),
    subject: p.text(),
    sid: p.text().nullable(),
    browser: p.text(),
    expiresAt: p.datetime(3),
  },
});
export type OidcTicket = InferEntity<typeof OidcTicket>;

/** Which sign-in at a provider a session of ours came from, so that it can end with it. */
export const OidcSession = defineEntity({
  name: 'OidcSession',
  indexes: [{ properties: ['connectionId', 'subject'] }, { properties: ['userId'] }],
  properties: {
    /** Of its refresh tokens. */
    familyId: p.uuid().primary(),
    userId: userId(),
    connectionId: p.uuid(),
    subject: p.text(),
    /** The provider's session, where it names one. */
    sid: p.text().nullable(),
  },
});
export type OidcSession = InferEntity<typeof OidcSession>;

/** A logout token that was obeyed, so that it is obeyed once. */
export const OidcLogout = defineEntity({
  name: 'OidcLogout',
  properties: { connectionId: p.uuid().primary(), jti: p.text().primary(), expiresAt: p.datetime(3) },
});
export type OidcLogout = InferEntity<typeof OidcLogout>;
