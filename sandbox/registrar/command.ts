import { checkCommand, checkEnvelope, isServed } from './grammar.ts';
import { Refusal, refuse } from './result.ts';
import { child, childText, type Element, NS } from './xml.ts';

/** A frame as the server understands it. */
export interface Command {
  /** Name for faults and log: hello, login, poll:req, domain:create … */
  operation: string;
  verb: Element;
  /** The object's element inside the verb; for login, logout and poll the verb itself. */
  element: Element;
  extensions: Element[];
}

const PREFIXES = new Map<string, string>(Object.entries(NS).map(([prefix, uri]) => [uri, prefix]));
const OBJECT_VERBS = ['check', 'info', 'create', 'update', 'delete', 'renew', 'transfer'];

/** What the frame's root asks for; undefined for a frame that is no EPP. */
export function operationOf(root: Element): string | undefined {
  const [top] = root.ns === NS.epp && root.name === 'epp' ? root.children : [];
  if (top?.name === 'hello') return 'hello';
  const verb = top?.name === 'command' ? top.children[0] : undefined;
  if (verb?.name === 'poll') return `poll:${verb.attributes.op ?? ''}`;
  if (!verb || !OBJECT_VERBS.includes(verb.name)) return verb?.name;
  const [object] = verb.children;
  return object ? `${PREFIXES.get(object.ns) ?? object.ns}:${verb.name}` : verb.name;
}

export const clientTransaction = (root: Element) => {
  const id = childText(child(root, 'command'), 'clTRID');
  return id && id.length >= 3 && id.length <= 64 ? id : undefined;
};

/** The command in a frame, checked as far as its form goes. Throws {@link Refusal}. */
export function understand(root: Element): Command {
  const operation = operationOf(root) ?? refuse(2001, 'neither hello nor command');
  const command = child(root, 'command');
  const verb = command?.children[0];
  if (!command || !verb) return { operation, verb: root, element: root, extensions: [] };
  checkEnvelope(command);
  const extensions = child(command, 'extension')?.children ?? [];
  const whole = { operation, verb, extensions };
  if (['login', 'logout', 'poll:req', 'poll:ack'].includes(operation))
    return { ...whole, element: checked(operation, verb) };
  if (!OBJECT_VERBS.includes(verb.name)) throw new Refusal(2000, verb.name);
  const [object] = verb.children;
  if (!object) refuse(2003, `no object in ${verb.name}`);
  if (object.name !== verb.name) refuse(2001, `${object.name} inside ${verb.name}`);
  if (!PREFIXES.has(object.ns)) refuse(2307, object.ns);
  if (!isServed(operation)) refuse(2101, operation);
  for (const one of extensions) checkExtension(one);
  return { ...whole, element: checked(operation, object) };
}

function checked(operation: string, element: Element): Element {
  checkCommand(operation, element);
  return element;
}

function checkExtension(element: Element): void {
  const name = `${PREFIXES.get(element.ns) ?? element.ns}:${element.name}`;
  if (![NS.secDNS, NS.rgp].some((ns) => ns === element.ns) || !isServed(name)) refuse(2103, name);
  checkCommand(name, element);
}
