/** What Guardian looks at, in the order in which a scan does. */
export const CHECKS = [
  'certificates',
  'dangling',
  'mail_records',
  'zone_policy',
  'ports',
  'mailboxes',
  'backups',
  'templates',
  'sign_ins',
  'second_factors',
  'api_keys',
] as const;
export type CheckName = (typeof CHECKS)[number];

/** From what is merely not as good as it could be to what is being taken over now. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What can be done about a finding by itself, once tenant and platform have both said so. */
export const REMEDIES = ['renew_certificate', 'add_record', 'close_port', 'revoke_key'] as const;
export type Remedy = (typeof REMEDIES)[number];

/** Every kind of weakness there is: what finds it and what mends it. docs/guardian.md has the reason for each. */
export const WEAKNESS = {
  certificate_expiring: { check: 'certificates', remedy: 'renew_certificate' },
  certificate_untrusted: { check: 'certificates', remedy: 'renew_certificate' },
  tls_old_protocol: { check: 'certificates', remedy: null },
  dns_dangling_cname: { check: 'dangling', remedy: null },
  dns_released_address: { check: 'dangling', remedy: null },
  dns_no_spf: { check: 'mail_records', remedy: 'add_record' },
  dns_no_dkim: { check: 'mail_records', remedy: 'add_record' },
  dns_no_dmarc: { check: 'mail_records', remedy: 'add_record' },
  dns_no_caa: { check: 'zone_policy', remedy: 'add_record' },
  dns_unsigned: { check: 'zone_policy', remedy: null },
  dns_no_ds: { check: 'zone_policy', remedy: null },
  dns_ds_mismatch: { check: 'zone_policy', remedy: null },
  port_open: { check: 'ports', remedy: 'close_port' },
  mailbox_unlimited: { check: 'mailboxes', remedy: null },
  backup_overdue: { check: 'backups', remedy: null },
  template_outdated: { check: 'templates', remedy: null },
  sign_in_failures: { check: 'sign_ins', remedy: null },
  user_password_alone: { check: 'second_factors', remedy: null },
  api_key_unused: { check: 'api_keys', remedy: 'revoke_key' },
  api_key_expired: { check: 'api_keys', remedy: 'revoke_key' },
} as const satisfies Record<string, { check: CheckName; remedy: Remedy | null }>;
export type WeaknessKind = keyof typeof WEAKNESS;

/**
 * requested: waits for tenant and platform · approved: both said yes, its job is at work · applied: done, not seen to have
 * helped yet · verified: the finding is gone · failed: it could not be done, or did not help.
 */
export const REMEDIATION_STATUS = ['requested', 'approved', 'applied', 'verified', 'failed'] as const;

/** What a remediation does: fixed when it is requested, so that what is approved is what is done. */
export type RemedyPlan =
  | { remedy: 'renew_certificate'; certificateId: string }
  | { remedy: 'add_record'; zoneId: string; recordId: string; record: MissingRecord }
  | { remedy: 'close_port'; instanceId: string; port: number }
  | { remedy: 'revoke_key'; apiKeyId: string };

/** A record that a finding says should be there, relative to its zone. What the approvers read is what is written. */
export interface MissingRecord {
  type: string;
  name: string;
  content: string;
}

/** What can be done about a finding; a record only where the finding says which. */
export function remedyOf({ kind, evidence }: { kind: WeaknessKind; evidence: Record<string, unknown> }): Remedy | null {
  const { remedy } = WEAKNESS[kind];
  return remedy === 'add_record' && !evidence.add ? null : remedy;
}

/** open: seen by the last look at the resource · resolved: that look did not see it, or the resource is gone. */
export const WEAKNESS_STATE = ['open', 'resolved'] as const;
export const SCAN_STATUS = ['pending', 'running', 'completed'] as const;

/** How far one check of a scan is. */
export interface CheckProgress {
  name: CheckName;
  done: boolean;
  /** Id of the last thing looked at: a repeat goes on behind it. */
  cursor: string | null;
  looked: number;
  /** Weaknesses seen. */
  found: number;
  /** Things that did not answer, or not to all that was asked: what is known of that stays as it is. */
  missed: number;
  /** The first of them, and why. */
  detail: string | null;
}

/** What a check could not look at, in words. */
export const missedIn = ({ looked, missed, detail }: CheckProgress): string | null =>
  missed === 0 ? null : `${missed} of ${looked + missed} not looked at: ${detail}`;

export const unlooked = (): CheckProgress[] =>
  CHECKS.map((name) => ({ name, done: false, cursor: null, looked: 0, found: 0, missed: 0, detail: null }));

/**
 * Undefined where the platform can do nothing by itself.
 *
 * @param recordId by which a record that is added will be known
 */
export function planFor(
  finding: { kind: WeaknessKind; resourceId: string; evidence: Record<string, unknown> },
  recordId: string,
): RemedyPlan | undefined {
  const { resourceId, evidence } = finding;
  const remedy = remedyOf(finding);
  switch (remedy) {
    case 'renew_certificate':
      return { remedy, certificateId: resourceId };
    case 'add_record':
      return { remedy, zoneId: resourceId, recordId, record: evidence.add as MissingRecord };
    case 'close_port':
      return { remedy, instanceId: resourceId, port: Number(evidence.port) };
    case 'revoke_key':
      return { remedy, apiKeyId: resourceId };
    case null:
      return undefined;
  }
}
