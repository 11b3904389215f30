import { z } from 'zod';

// Proxmox is Perl: a number may come as a string, a boolean as 0, 1, "1" or true, and what is empty is left out.
export const number = z.coerce.number();
export const flag = z
  .union([z.boolean(), z.number(), z.string()])
  .transform((value) => value === true || Number(value) === 1);
export const nothing = z.unknown().transform(() => undefined);
export const upid = z.string().startsWith('UPID:');

export const config = z.record(z.string(), z.union([z.string(), z.number()]));
export type Config = z.infer<typeof config>;

export const current = z.object({
  status: z.enum(['running', 'stopped']),
  lock: z.string().optional(),
  cpus: number.optional(),
});

export const vms = z.array(z.object({ node: z.string(), vmid: number, type: z.enum(['qemu', 'lxc']) }));
