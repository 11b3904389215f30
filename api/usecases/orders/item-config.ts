import { z } from 'zod';
import type { ProductType } from '../../../core/states.ts';

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';

/** A host name in lower case without the final dot (RFC 1123). */
export const hostname = z
  .string()
  .max(253)
  .transform((name) => name.toLowerCase())
  .pipe(z.string().regex(new RegExp(`^${LABEL}(\\.${LABEL})+$`), 'a host name like www.example.com'));

/** A domain as people write it; made an A-label by the use case. */
export const domainName = z.string().trim().min(3).max(253);

export const years = z.number().int().min(1).max(10);

export const mailLocalPart = z
  .string()
  .max(64)
  .transform((part) => part.toLowerCase())
  .pipe(z.string().regex(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/, 'letters, digits and . _ - between them'));

export const mailPassword = z.string().min(10).max(200);
export const quotaMb = z.number().int().min(1).max(1_048_576);

export const Contact = z
  .strictObject({
    name: z.string().min(1).max(255),
    organization: z.string().min(1).max(255).optional(),
    email: z.email().max(254),
    phone: z
      .string()
      .regex(/^\+[0-9]{1,3}\.[0-9]{1,14}$/, 'a number like +1.5551234')
      .optional(),
    address: z
      .strictObject({
        line1: z.string().min(1).max(255),
        line2: z.string().min(1).max(255).optional(),
        city: z.string().min(1).max(255),
        state: z.string().min(1).max(255).optional(),
        postalCode: z.string().min(1).max(16).optional(),
        country: z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166-1 alpha-2 code like US'),
      })
      .optional(),
  })
  .partial();
export type Contact = z.output<typeof Contact>;

const sshKey = z
  .string()
  .trim()
  .max(8_192)
  .regex(
    /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-[\w@.-]+) [A-Za-z0-9+/=]+( [^\p{Cc}]*)?$/u,
    'a public key line of OpenSSH',
  );

export const podName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'lower-case letters, digits and -');

const CloudPodConfig = z.strictObject({
  name: podName.optional(),
  hostname: hostname.optional(),
  /** Name of the image to use in place of the product's. */
  template: z.string().min(1).max(60).optional(),
  sshKeys: z.array(sshKey).max(20).optional(),
});

const DomainConfig = z.strictObject({
  domain: domainName,
  years: years.optional(),
  contact: Contact.optional(),
  nameservers: z.array(hostname).min(2).max(13).optional(),
  autoRenew: z.boolean().optional(),
});

const EmailConfig = z.strictObject({
  domain: domainName,
  localPart: mailLocalPart.optional(),
  password: mailPassword.optional(),
  quotaMb: quotaMb.optional(),
});

/** An add-on bought for a CloudPod that is there; one in an item's `addons` has its parent already. */
const AddonConfig = z.strictObject({ instanceId: z.uuid().optional() });

/** What an item of each type may be told. */
export const ITEM_CONFIG = {
  cloudpod: CloudPodConfig,
  domain: DomainConfig,
  email: EmailConfig,
  backup: AddonConfig,
  addon: AddonConfig,
} as const satisfies Record<ProductType, z.ZodType>;

export type ItemConfig<T extends ProductType> = z.output<(typeof ITEM_CONFIG)[T]>;
