import type { ProviderErrorKind } from '../../core/errors.ts';

// What Proxmox's sentences mean, first match wins. It answers almost every business failure with status 500 and a
// sentence, and ends a failed task with one; there are no codes. Sources: PVE::LXC, PVE::QemuServer, PVE::AbstractConfig,
// PVE::Storage, PVE::Cluster, PVE::Tools of 8.4 to 9.2.
const SENTENCES: [RegExp, ProviderErrorKind][] = [
  // The id is taken, or the state asked for is there already: look.
  [/(CT|VM) \d+ already exists on node/, 'conflict'],
  [/config file already exists/, 'conflict'],
  [/(CT|VM) \d+ already running/, 'conflict'],
  [/(CT|VM) \d+ not running/, 'conflict'],
  [/disk is already at specified size/, 'conflict'],
  [/snapshot name '.*' already used/, 'conflict'],

  // Gone, moved to another node, or of the other type: only the cluster can tell.
  [/^Configuration file '.*' does not exist/, 'absent'],
  [/snapshot '.*' does not exist/, 'absent'],

  // Said no for good.
  [/volume '.*' does not exist/, 'refused'],
  [/unable to shrink disk size|shrinking disks is not supported/, 'refused'],
  [
    /snapshot feature is not available|is not most recent snapshot on|unable to rollback to incomplete snapshot/,
    'refused',
  ],
  [/unable to use snapshot name '.*'/, 'refused'],
  [/SSH public key validation error/, 'refused'],

  // An operator has to change something first.
  [/protection mode enabled/, 'denied'],
  [/used in HA resources and purge parameter not set/, 'denied'],
  [/only root can set/, 'denied'],

  // Nothing happened and time, or an operator at the storage, will mend it.
  [/(CT|VM) is locked/, 'busy'],
  [/can't lock file '.*' - got timeout/, 'busy'],
  [/cfs-lock '.*' error: got lock request timeout|-locked command timed out - aborting/, 'busy'],
  [/cluster not ready|no quorum!|pve cluster filesystem not online/, 'busy'],
  [/container is running|VM \d+ is running - destroy failed|can't overwrite running container/, 'busy'],
  [/storage '.*' (does not exist|is not available on node|is disabled|is not online)/, 'busy'],
  [/not enough free space|no such volume group|No space left on device/, 'busy'],
  [/detected modified configuration|checksum mismatch/, 'busy'],
  [/No QEMU guest agent configured|QEMU guest agent is not running|VM \d+ is not running|Agent error:/, 'busy'],
  [/starting worker failed|got no worker upid/, 'busy'],
];

/** Kind of a failure told by a sentence: the message of a status 500, or how a task ended. Unrecognised is `unknown`. */
export function sentenceKind(sentence: string): ProviderErrorKind {
  return SENTENCES.find(([pattern]) => pattern.test(sentence))?.[1] ?? 'unknown';
}

/**
 * Kind of a failed answer. 595 to 599 are pveproxy's own: it could not connect to the guest's node (595), or lost the
 * answer of a call that may have run there.
 */
export function failureKind(status: number, message: string): ProviderErrorKind {
  if (status === 401 || status === 403) return 'denied';
  if (status === 595) return 'unavailable';
  if (status === 500) return sentenceKind(message);
  // 501: no such path or verb, or a body it does not read.
  if (status === 501 || status < 500) return 'refused';
  return 'unknown';
}
