import type { CheckName } from '../../core/guardian.ts';
import type { StepActivities } from '../../workflows/contract.ts';
import type { Deps } from '../deps.ts';
import type { Check } from './check.ts';
import { apiKeys } from './checks/api-keys.ts';
import { backups } from './checks/backups.ts';
import { certificates } from './checks/certificates.ts';
import { dangling } from './checks/dangling.ts';
import { mailRecords } from './checks/mail-records.ts';
import { mailboxes } from './checks/mailboxes.ts';
import { ports } from './checks/ports.ts';
import { secondFactors } from './checks/second-factors.ts';
import { signIns } from './checks/sign-ins.ts';
import { templates } from './checks/templates.ts';
import { zonePolicy } from './checks/zone-policy.ts';
import { remediation } from './remediate.ts';
import { closeScan, runCheck } from './scan.ts';

export function guardianActivities(deps: Deps) {
  const checks: Record<CheckName, Check> = {
    certificates: certificates(deps),
    dangling: dangling(deps),
    mail_records: mailRecords(deps),
    zone_policy: zonePolicy(deps),
    ports: ports(deps),
    mailboxes: mailboxes(deps),
    backups: backups(deps),
    templates: templates(deps),
    sign_ins: signIns(deps),
    second_factors: secondFactors(deps),
    api_keys: apiKeys(deps),
  };
  const { apply, verify, close } = remediation(deps, checks);
  return {
    /** The step's name says which check. */
    lookForWeaknesses: (ref) => runCheck(deps, checks[ref.step as CheckName], ref),
    closeScan: (ref) => closeScan(deps, ref),
    applyRemedy: apply,
    verifyRemedy: verify,
    closeRemediation: close,
  } satisfies Partial<StepActivities>;
}
