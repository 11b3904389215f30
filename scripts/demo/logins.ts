import type { Login } from './api.ts';
import type { Purchase } from './order.ts';

/** Who can sign in where, for the person who watches. */
export function logins(admin: Login, { mailbox, hostname, podId }: Purchase, env: NodeJS.ProcessEnv): string {
  const rows = [
    ['API, docs', `${admin.email} / ${admin.password}`],
    ['Mailbox', `${mailbox.address} / ${mailbox.password} by POP3 at ${env.MAIL_POP3_ADDRESS}`],
    ['Server', `root of ${hostname}: POST /api/cloudpods/${podId}/reveal shows the password once`],
  ];
  return ['Logins:', ...rows.map(([label = '', login]) => `  ${label.padEnd(11)}  ${login}`)].join('\n');
}
