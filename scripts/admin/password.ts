import { hashPassword } from '../../api/usecases/passwords/hash.ts';
import { randomPassword } from '../../api/usecases/resources/random.ts';
import { User } from '../../db/entities/index.ts';
import { audit } from '../../db/queries/audit.ts';
import { set } from '../../db/queries/entity.ts';
import { forgiveEverywhere } from '../../db/queries/sign-in-guard.ts';
import { findUserByEmail, revokeSessions } from '../../db/queries/users.ts';
import { type Command, Misuse, Refusal } from './command.ts';

const SHORTEST = 10;

/** Ends every session of the login as well: whoever had the old password is out. */
export const resetPassword: Command = {
  name: 'reset-password',
  synopsis: 'EMAIL [--password TEXT]',
  about: 'Gives a login a new password, a generated one unless --password is given, and ends its sessions.',
  async run({ em }, given) {
    const email = given.arg(0);
    const password = given.option('password') ?? randomPassword();
    if (password.length < SHORTEST) throw new Misuse(`--password must have at least ${SHORTEST} characters`);
    const user = await findUserByEmail(em, email);
    if (!user) throw new Refusal(`there is no login ${email}`);
    const passwordHash = await hashPassword(password);
    await em.transactional(async (tx) => {
      await set(tx, User, { id: user.id }, { passwordHash, ...accepted(user) });
      await revokeSessions(tx, user.id);
      const resource = { resourceType: 'user', resourceId: user.id };
      audit(tx, { tenantId: user.tenantId, action: 'user.password_reset', ...resource });
    });
    await forgiveEverywhere(em, user.email);
    return { login: [{ email: user.email, password, roles: user.roles.join(','), status: user.status }] };
  },
};

/** Who was invited needs no link any more. */
const accepted = ({ status }: User) => (status === 'invited' ? { status: 'active' as const } : {});
