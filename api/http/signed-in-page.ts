import express, { type Router } from 'express';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <link rel="icon" href="data:,">
    <meta name="referrer" content="no-referrer">
    <title>mpanel: signed in</title>
  </head>
  <body>
    <h1>Signing in</h1>
    <form id="factor" hidden>
      <p><label>Code of your authenticator app, or a recovery code
        <input name="code" autocomplete="one-time-code" minlength="6" maxlength="40" required></label></p>
      <p><button>Continue</button></p>
    </form>
    <p id="answer" role="status"></p>
    <p id="session" hidden><label>Access token, for a quarter of an hour <input id="token" readonly></label></p>
    <script src="/signed-in/page.js"></script>
  </body>
</html>
`;

// In a file of its own: the content security policy allows no inline script.
const SCRIPT = `const answer = document.getElementById('answer');
const factor = document.getElementById('factor');
let challenge;
async function post(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  show(await response.json());
}
function show({ error, secondFactor, token, user }) {
  if (secondFactor) challenge = secondFactor.challenge;
  factor.hidden = !challenge || Boolean(token);
  answer.textContent = error ? error.message : user ? 'Signed in as ' + user.name + '.' : 'One more step.';
  if (!token) return;
  document.getElementById('token').value = token;
  document.getElementById('session').hidden = false;
}
factor.addEventListener('submit', (event) => {
  event.preventDefault();
  post('/api/auth/login/second-factor', { challenge, code: new FormData(factor).get('code') });
});
const code = location.hash.slice(1);
history.replaceState(null, '', location.pathname);
post('/api/auth/oidc/finish', { code });
`;

/** Where a provider leads back to while there is no panel of one's own: fetches the session, and shows its access token. */
export function serveSignedInPage(): Router {
  const router = express.Router();
  router.get('/', (_req, res) => {
    res.type('html').send(PAGE);
  });
  router.get('/page.js', (_req, res) => {
    res.type('js').send(SCRIPT);
  });
  return router;
}
