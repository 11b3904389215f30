import { type Call, type Reply, serveHttp } from '../lib/http.ts';
import type { Start } from '../lib/stand-in.ts';

const STATES = new Set(
  'AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI'.split(' '),
);
const NUMBER = /^[0-9A-Z+*]{2,12}$/;

interface Question {
  countryCode?: string;
  vatNumber?: string;
  requesterMemberStateCode?: string;
  requesterNumber?: string;
}

/**
 * VIES, the European Union's register of VAT numbers, by its REST API: every number of the right form is registered but
 * those that end in 000. Who names itself gets a consultation number.
 *
 * Operations: "POST /check-vat-number", "GET /check-status". Switch faults:
 * | name           | operation         | what happens                                            |
 * | ms-unavailable | /check-vat-number | the member state does not answer: an error in a 400      |
 * | vies-busy      | /check-vat-number | too many questions at once: an error in a 200            |
 */
export const start: Start = async (self, around) => {
  let consultations = 0;
  const options = { host: around.host, port: await around.port('api') };
  const server = await serveHttp(self, options, (call) => {
    if (call.method === 'GET' && call.path === '/check-status') return status();
    if (call.method !== 'POST' || call.path !== '/check-vat-number') return { status: 404, body: {} };
    if (self.faults.switched('ms-unavailable', `${call.method} ${call.path}`)) return failure(400, 'MS_UNAVAILABLE');
    if (self.faults.switched('vies-busy', `${call.method} ${call.path}`))
      return failure(200, 'GLOBAL_MAX_CONCURRENT_REQ');
    return check(call, () => `WAPIAAAA${String(++consultations).padStart(8, '0')}`);
  });
  return {
    env: { VIES_URL: server.url },
    urls: { VIES: server.url },
    state: () => ({ consultations }),
    close: server.close,
  };
};

/** An unknown form is an error, an unregistered number an answer. */
function check({ body }: Call, consultation: () => string): Reply {
  const asked = JSON.parse(body.toString()) as Question;
  const { countryCode = '', vatNumber = '', requesterMemberStateCode, requesterNumber } = asked;
  if (!STATES.has(countryCode) || !NUMBER.test(vatNumber)) return failure(400, 'INVALID_INPUT');
  const named = requesterMemberStateCode !== undefined || requesterNumber !== undefined;
  if (named && !(STATES.has(requesterMemberStateCode ?? '') && NUMBER.test(requesterNumber ?? '')))
    return failure(400, 'INVALID_REQUESTER_INFO');
  const valid = !vatNumber.endsWith('000');
  return {
    status: 200,
    body: {
      ...{ countryCode, vatNumber, requestDate: new Date().toISOString(), valid },
      requestIdentifier: named ? consultation() : '',
      name: valid ? `Company ${vatNumber}` : '---',
      address: valid ? 'STREET 1\n1000 TOWN' : '---',
    },
  };
}

function failure(code: number, error: string): Reply {
  return { status: code, body: { actionSucceed: false, errorWrappers: [{ error }] } };
}

const status = (): Reply => ({
  status: 200,
  body: {
    vow: { available: true },
    countries: [...STATES].map((countryCode) => ({ countryCode, availability: 'Available' })),
  },
});
