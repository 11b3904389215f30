/** How a guest or a backup job is known as ours: this in its description or comment. */
export const markText = (mark: string) => `mpanel:${mark}`;

/** The tag beside it, for people in Proxmox's own interface. */
export const TAG = 'mpanel';

export function markOf(description: unknown): string | undefined {
  return /^mpanel:(\S+)$/m.exec(String(description ?? ''))?.[1];
}
