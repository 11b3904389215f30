import type { Start } from '../lib/stand-in.ts';
import { startAuthority } from './own.ts';
import { startPebble } from './pebble.ts';

/*
 * An ACME CA (RFC 8555, RFC 9773) that checks dns-01 at the DNS servers of DNS_ADDRESS (host:port, several separated by
 * commas must all agree). SANDBOX_ACME=pebble starts the genuine Pebble in its place, which has no switches.
 *
 * switch                        strikes on              data               what happens
 * bad-nonce                     any POST                { percent = 100 }  so many of them get badNonce
 * rate-limited                  any POST                { seconds = 3600 } 429 rateLimited with Retry-After
 * edge-503                      any request             { seconds = 60 }   503 with Retry-After, HTML, no nonce
 * order-already-valid           POST /new-order         -                  the last valid order of these names comes back
 * authz-reused                  POST /new-order         -                  its new authorizations are valid from the start
 * order-expired-between-steps   POST /order, /finalize  -                  an order not yet finalized has expired: 404
 * authz-invalid                 POST /challenge         { reason, type }   the check fails with this problem
 * slow-processing               POST /finalize          { polls }          so many polls still say `processing`, else 1
 * ari-now                       GET /renewal-info       -                  the suggested window is in the past
 * replaces-refused              POST /new-order         -                  an order with `replaces` gets 409 alreadyReplaced
 *
 * act/revoke { serial, reason? }: the CA revokes a certificate by itself; GET /crl lists it.
 * act/plant-certificate { names }: issued some time ago.
 */
export const start: Start = (self, around) =>
  around.env.SANDBOX_ACME === 'pebble' ? startPebble(self, around) : startAuthority(self, around);
