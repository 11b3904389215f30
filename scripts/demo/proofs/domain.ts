import { readFileSync } from 'node:fs';
import { eppInfo } from '../wire/epp.ts';
import { expect, need, type Proof } from './proof.ts';

/** The registry has the domain, as ours, with the name servers of the house. */
export const domain: Proof = async ({ env, purchase }) => {
  const user = need(env, 'EPP_USER');
  const server = {
    host: need(env, 'EPP_HOST'),
    port: Number(env.EPP_PORT ?? 700),
    user,
    password: need(env, 'EPP_PASSWORD'),
    ...(env.EPP_CA ? { ca: readFileSync(env.EPP_CA, 'utf8') } : {}),
  };
  const { nameservers, sponsor, expires } = await eppInfo(server, purchase.domain);
  expect(sponsor === user, `${purchase.domain} belongs to ${sponsor}`);
  const wanted = need(env, 'NAMESERVERS').split(',').sort();
  const found = nameservers.map((name) => name.toLowerCase()).sort();
  expect(
    `${found}` === `${wanted}`,
    `${purchase.domain} is served by ${found.join(', ') || 'nobody'}, not ${wanted.join(', ')}`,
  );
  return `${purchase.domain} until ${expires.slice(0, 10)}, name servers ${found.join(', ')}`;
};
