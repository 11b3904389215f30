import { z } from 'zod';
import type { ProductType } from '../../../core/states.ts';

/** When a backup runs, as Proxmox writes calendar events, and how many are kept. */
export const BackupPlan = {
  schedule: z
    .string()
    .regex(/^[\w*/,.: -]{1,60}$/, 'a calendar event like 02:30')
    .default('02:30'),
  keep: z.number().int().min(1).max(60).default(7),
};

const CloudPodMetadata = z.strictObject({
  kind: z.enum(['qemu', 'lxc']).default('qemu'),
  cpu: z.number().int().min(1).max(128),
  ramMb: z.number().int().min(128).max(1_048_576),
  diskGb: z.number().int().min(1).max(65_536),
  image: z.string().min(1).max(60).default('debian-12'),
});

const EmailMetadata = z.strictObject({ quotaMb: z.number().int().min(1).max(1_048_576).default(2048) });

export const AddonMetadata = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ip') }),
  z.strictObject({ kind: z.literal('disk'), gb: z.number().int().min(1).max(65_536) }),
  z.strictObject({ kind: z.literal('backup'), ...BackupPlan }),
]);

/** What a product of each type says of what is delivered. */
export const METADATA = {
  cloudpod: CloudPodMetadata,
  domain: z.strictObject({}),
  email: EmailMetadata,
  backup: z.strictObject(BackupPlan),
  addon: AddonMetadata,
} as const satisfies Record<ProductType, z.ZodType>;

export type Metadata<T extends ProductType> = z.output<(typeof METADATA)[T]>;

/** The stored metadata of a product, with its defaults. */
export function metadataOf<T extends ProductType>(type: T, stored: Record<string, unknown>): Metadata<T> {
  return METADATA[type].parse(stored) as Metadata<T>;
}
