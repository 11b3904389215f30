import type { EntityManager } from '@mikro-orm/postgresql';
import type { Acme, CertificateRequest } from '../providers/acme/port.ts';
import type { MailHost } from '../providers/mailhost/port.ts';
import type { PowerDns } from '../providers/powerdns/port.ts';
import type { Probe } from '../providers/probe/port.ts';
import type { Proxmox } from '../providers/proxmox/port.ts';
import type { Registrar } from '../providers/registrar/port.ts';
import type { Mailer } from '../providers/smtp/port.ts';
import type { Payments } from '../providers/stripe/port.ts';
import type { Vies } from '../providers/vies/port.ts';
import type { Config } from '../runtime/config.ts';
import type { Runs } from '../runtime/runs.ts';
import type { Seal } from '../runtime/seal.ts';

/** What activities act with. Each call of `em` opens a unit of work of its own. */
export interface Deps {
  em(): EntityManager;
  config: Config;
  seal: Seal;
  proxmox: Proxmox;
  powerdns: PowerDns;
  registrar: Registrar;
  acme: Acme;
  pki: Pki;
  payments: Payments;
  mailhost: MailHost;
  mailer: Mailer;
  vies: Vies;
  probe: Probe;
  /** PEM roots that issued certificates lead to; none = the system's. */
  roots: string[];
  runs: Runs;
}

/** Fresh keys. */
export interface Pki {
  /** PKCS#8 PEM, P-256. */
  createKey(): Promise<string>;
  createRequest(names: string[]): Promise<CertificateRequest>;
}
