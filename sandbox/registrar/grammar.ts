import { refuse } from './result.ts';
import { type Element, NS } from './xml.ts';

/** What a text or attribute must look like; refuses with 2004 or 2005. */
type Check = (value: string, where: string) => void;

interface Rule {
  name: string;
  min: number;
  max: number;
  attributes: Record<string, Check>;
  /** Attributes that may be left out. */
  defaulted?: Record<string, Check>;
  text?: Check;
  /** Elements in order. */
  sequence?: Rule[];
  /** One of these kinds only. */
  choice?: Rule[];
}

const MANY = Number.POSITIVE_INFINITY;

const length =
  (min: number, max: number): Check =>
  (value, where) => {
    if (value.length < min || value.length > max) refuse(2005, `${where} must have ${min} to ${max} characters`);
  };

const pattern =
  (expression: RegExp): Check =>
  (value, where) => {
    if (!expression.test(value)) refuse(2005, `${where} '${value}' is malformed`);
  };

const period: Check = (value, where) => {
  pattern(/^\d+$/)(value, where);
  if (Number(value) < 1 || Number(value) > 99) refuse(2004, `${where} must be 1 to 99`);
};

const label = length(1, 255);
const clID = length(3, 16);
const line = length(1, 255);
const optionalLine = length(0, 255);
const trID = length(3, 64);
const password = length(8, 64);
const anything: Check = () => {};
const e164 = pattern(/^(\+\d{1,3}\.\d{1,14})?$/);
const date = pattern(/^\d{4}-\d\d-\d\d$/);
const oneOf = (...values: string[]): Check => pattern(new RegExp(`^(${values.join('|')})$`));

const is = (name: string, rest: Partial<Rule> = {}): Rule => ({ name, min: 1, max: 1, attributes: {}, ...rest });
const leaf = (name: string, text: Check, attributes: Record<string, Check> = {}) => is(name, { text, attributes });
const group = (name: string, ...sequence: Rule[]) => is(name, { sequence });
const optional = (rule: Rule): Rule => ({ ...rule, min: 0 });
const many = (rule: Rule, max = MANY): Rule => ({ ...rule, max });

const authInfo = is('authInfo', { choice: [leaf('pw', anything), leaf('null', anything)] });
const years = optional(leaf('period', period, { unit: oneOf('y') }));
const nameservers = is('ns', {
  choice: [many(leaf('hostObj', label)), many(group('hostAttr', leaf('hostName', label)))],
});
const contact = leaf('contact', clID, { type: oneOf('admin', 'billing', 'tech') });
/** RFC 5731 2.3, 5732 2.3, 5733 2.2: each kind of object has its own. */
const status = (...own: string[]) =>
  leaf('status', anything, {
    s: oneOf('ok', 'pendingCreate', 'pendingDelete', 'pendingTransfer', 'pendingUpdate', ...own),
  });
const prohibited = (...operations: string[]) =>
  operations.flatMap((operation) => [`client${operation}Prohibited`, `server${operation}Prohibited`]);
const domainStatus = status(
  'inactive',
  'pendingRenew',
  'clientHold',
  'serverHold',
  ...prohibited('Delete', 'Renew', 'Transfer', 'Update'),
);
const contactStatus = status('linked', ...prohibited('Delete', 'Transfer', 'Update'));
const hostStatus = status('linked', ...prohibited('Delete', 'Update'));
const domainPart = (name: string) =>
  optional(group(name, optional(nameservers), optional(many(contact)), optional(many(domainStatus, 11))));

const address = group(
  'addr',
  optional(many(leaf('street', optionalLine), 3)),
  leaf('city', line),
  optional(leaf('sp', optionalLine)),
  optional(leaf('pc', length(0, 16))),
  leaf('cc', length(2, 2)),
);
const postal = (name: Rule, addr: Rule) =>
  is('postalInfo', {
    max: 2,
    attributes: { type: oneOf('loc', 'int') },
    sequence: [name, optional(leaf('org', optionalLine)), addr],
  });
const voice = optional(leaf('voice', e164));
const fax = optional(leaf('fax', e164));
const email = leaf('email', length(1, 254));
const contactPart = (name: string) => optional(group(name, many(contactStatus, 7)));

const ip = optional(many({ ...leaf('addr', length(3, 45)), defaulted: { ip: oneOf('v4', 'v6') } }));
const hostPart = (name: string) => optional(group(name, ip, optional(many(hostStatus, 7))));

const dsData = many(
  group(
    'dsData',
    ...['keyTag', 'alg', 'digestType'].map((name) => leaf(name, pattern(/^\d+$/))),
    leaf('digest', pattern(/^([0-9a-f]{2})+$/i)),
  ),
);
const dsSet = (name: string) => group(name, optional(leaf('maxSigLife', period)), dsData);

const name = leaf('name', label);
const id = leaf('id', clID);
const services = [many(leaf('objURI', anything)), optional(group('svcExtension', many(leaf('extURI', anything))))];

/** What stands inside each command, by operation; the schemas of RFC 5730 to 5733, 5910 and 3915 as this server serves them. */
const COMMANDS: Record<string, Rule[]> = {
  login: [
    leaf('clID', clID),
    leaf('pw', password),
    optional(leaf('newPW', password)),
    group('options', leaf('version', anything), leaf('lang', anything)),
    group('svcs', ...services),
  ],
  logout: [],
  'poll:req': [],
  'poll:ack': [],
  'domain:check': [many(name)],
  'domain:info': [{ ...name, defaulted: { hosts: oneOf('all', 'del', 'none', 'sub') } }, optional(authInfo)],
  'domain:create': [
    name,
    years,
    optional(nameservers),
    optional(leaf('registrant', clID)),
    optional(many(contact)),
    authInfo,
  ],
  'domain:update': [
    name,
    domainPart('add'),
    domainPart('rem'),
    optional(group('chg', optional(leaf('registrant', length(0, 16))), optional(authInfo))),
  ],
  'domain:delete': [name],
  'domain:renew': [name, leaf('curExpDate', date), years],
  'domain:transfer': [name, years, optional(authInfo)],
  'contact:check': [many(id)],
  'contact:info': [id, optional(authInfo)],
  'contact:create': [id, postal(leaf('name', line), address), voice, fax, email, authInfo, optional(is('disclose'))],
  'contact:update': [
    id,
    contactPart('add'),
    contactPart('rem'),
    optional(
      group(
        'chg',
        optional(postal(optional(leaf('name', line)), optional(address))),
        voice,
        fax,
        optional(email),
        optional(authInfo),
        optional(is('disclose')),
      ),
    ),
  ],
  'contact:delete': [id],
  'host:check': [many(name)],
  'host:info': [name],
  'host:create': [name, ip],
  'host:update': [name, hostPart('add'), hostPart('rem'), optional(group('chg', name))],
  'host:delete': [name],
  'secDNS:create': [optional(leaf('maxSigLife', period)), dsData],
  'secDNS:update': [
    optional(is('rem', { choice: [leaf('all', oneOf('true', 'false', '0', '1')), dsData] })),
    optional(dsSet('add')),
    optional(group('chg', optional(leaf('maxSigLife', period)))),
  ],
  'rgp:update': [is('restore', { attributes: { op: oneOf('request', 'report') } })],
};

/** Whether this server has the operation at all. */
export const isServed = (operation: string) => Object.hasOwn(COMMANDS, operation);

/** Refuses an element whose content is not what the operation asks for: 2001 out of place, 2003 missing, 2004/2005 wrong value. */
export function checkCommand(operation: string, element: Element): void {
  sequence(COMMANDS[operation]!, element);
}

/** The frame around a command: the verb, an extension, clTRID, in this order. */
export function checkEnvelope(command: Element): void {
  if (command.ns !== NS.epp) refuse(2001, `namespace '${command.ns}' is not EPP`);
  const [, ...after] = command.children;
  sequence([optional(is('extension')), optional(leaf('clTRID', trID))], { ...command, children: after });
}

function sequence(rules: Rule[], element: Element): void {
  const rest = [...element.children];
  for (const rule of rules) {
    let seen = 0;
    while (seen < rule.max && rest[0]?.name === rule.name && rest[0].ns === element.ns) {
      one(rule, rest.shift()!);
      seen += 1;
    }
    if (seen < rule.min) misplaced(rules, rest[0], rule, element);
  }
  if (rest[0]) refuse(2001, `element ${rest[0].name} is not expected in ${element.name}`);
}

/** Missing where the element stands nowhere; a syntax error where something strange stands in its place. */
function misplaced(rules: Rule[], found: Element | undefined, wanted: Rule, parent: Element): never {
  const foreign = found && !rules.some((rule) => rule.name === found.name);
  return refuse(
    foreign ? 2001 : 2003,
    `${foreign ? `element ${found.name} in the place of` : 'no'} ${wanted.name} in ${parent.name}`,
  );
}

function one(rule: Rule, element: Element): void {
  for (const [key, check] of Object.entries(rule.attributes)) {
    const value = element.attributes[key];
    if (value === undefined) refuse(2003, `no attribute ${key} in ${element.name}`);
    check(value, `${element.name}/${key}`);
  }
  for (const [key, check] of Object.entries(rule.defaulted ?? {})) {
    const value = element.attributes[key];
    if (value !== undefined) check(value, `${element.name}/${key}`);
  }
  if (rule.text) {
    if (element.children.length > 0) refuse(2001, `${element.name} takes no elements`);
    rule.text(element.text, element.name);
  }
  if (rule.sequence) sequence(rule.sequence, element);
  if (rule.choice) choice(rule.choice, element);
}

function choice(rules: Rule[], element: Element): void {
  const [first] = element.children;
  if (!first) refuse(2003, `${element.name} is empty`);
  const rule = rules.find((one) => one.name === first.name);
  if (!rule) refuse(2001, `element ${first.name} is not expected in ${element.name}`);
  sequence([rule], element);
}
