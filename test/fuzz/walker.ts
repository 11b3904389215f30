import { decodeJwt, SignJWT } from 'jose';
import { sql } from '../../db/queries/rows.ts';
import { ADMIN, type Api } from '../api/support.ts';

/**
 * The token of an administrator who is signed in for as long as the walk takes: a token lasts a quarter of an hour, and the
 * walk tries its own login's roles and status as well, which would end its sessions. Their rows stay as they are.
 */
export async function signedInForGood({ anyone, config, orm }: Api): Promise<string> {
  const { body } = await anyone('POST', '/api/auth/login', { body: ADMIN });
  const claims = decodeJwt(body.token);
  const em = orm.em.fork();
  await sql(em, `create function stay() returns trigger language plpgsql as 'begin return old; end'`);
  for (const [table, column] of Object.entries({ users: 'id', refresh_token: 'user_id' }))
    await sql(
      em,
      `create trigger stay before update on ${table} for each row when (old.${column} = '${claims.sub}') execute function stay()`,
    );
  const key = new TextEncoder().encode(config.JWT_SECRET);
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('12h').sign(key);
}
