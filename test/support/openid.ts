import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export interface Account {
  sub: string;
  email: string;
  email_verified: boolean;
  groups: string[];
}

export const CLIENT = { clientId: 'mpanel', clientSecret: 'the secret of the client' };

/** A provider that is not ours (oidc-provider), on loopback, at which `account` is signed in without being asked. */
export async function startOpenId() {
  let handle: ReturnType<Provider['callback']> = (_req, res) => res.end();
  const server = createServer((req, res) => handle(req, res));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const state = {
    account: undefined as Account | undefined,
    logoutUrl: '',
    logoutTokens: [] as string[],
    relayed: [] as number[],
  };
  let provider: Provider;

  /** What the provider knows of us, once we know it. */
  function register(redirectUri: string, logoutUrl: string) {
    state.logoutUrl = logoutUrl;
    provider = new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT.clientId,
          client_secret: CLIENT.clientSecret,
          redirect_uris: [redirectUri],
          backchannel_logout_uri: `${issuer}/relay`,
          backchannel_logout_session_required: true,
        },
      ],
      features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['groups'] },
      conformIdTokenClaims: false,
      cookies: { keys: ['only for tests'] },
      interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
      findAccount: (_ctx: unknown, sub: string) => ({ accountId: sub, claims: () => state.account }),
      // Its own dispatcher refuses loopback, which is where we are.
      fetch: (url: string | URL, init: RequestInit & { dispatcher?: unknown }) => {
        const { signal: _, dispatcher: __, ...rest } = init;
        return fetch(url, rest);
      },
    });
    const serve = provider.callback();
    handle = (req, res) => {
      if (req.url?.startsWith('/interaction/')) void consent(req, res);
      else if (req.url === '/relay') void relay(req, res);
      else serve(req, res);
    };
  }

  const consent: typeof handle = async (req, res) => {
    const { params } = await provider.interactionDetails(req, res);
    const accountId = state.account!.sub;
    const grant = new provider.Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const grantId = await grant.save();
    await provider.interactionFinished(req, res, { login: { accountId }, consent: { grantId } });
  };

  /** Passes logout tokens on, and keeps them and what was answered. */
  const relay: typeof handle = async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    state.logoutTokens.push(new URLSearchParams(body).get('logout_token') ?? '');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { status } = await fetch(state.logoutUrl, { method: 'POST', headers, body });
    state.relayed.push(status);
    res.writeHead(status).end();
  };

  return {
    issuer,
    state,
    register,
    /** Tells us that a session there has ended. */
    signOut: async (sub: string, sid: string) =>
      (await provider.Client.find(CLIENT.clientId))!.backchannelLogout(sub, sid),
    close: () => new Promise((done) => server.closeAllConnections() ?? server.close(done)),
  };
}
